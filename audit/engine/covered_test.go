package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

// A criterion whose attack has nothing of its own to measure on the family of models does not apply, and changes nothing
// of the others' verdicts.
func TestCovered(t *testing.T) {
	settings := []string{"claims=[]", "methods=[fine-tune]"}
	want := run(t, engine.Options{Catalogue: catalogue.Default(),
		Plan: plan(t, append(settings, "criteria={membership: {}}")...), Dir: t.TempDir()})
	got := run(t, engine.Options{Catalogue: catalogue.Default(),
		Plan: plan(t, append(settings, "criteria={membership: {}, likelihood: {}}")...), Dir: t.TempDir()})
	require.Len(t, got.Verdicts, 2*len(want.Verdicts))
	for _, v := range got.Verdicts {
		if v.Criterion == "likelihood" {
			assert.Equal(t, audit.NotApplicable, v.Outcome)
			assert.Equal(t, "the attack likelihood does not concern this family of models: its loss is the error of its painting, "+
				"which membership judges", v.Reason)
			continue
		}
		assert.Contains(t, want.Verdicts, v)
	}
	for _, s := range []string{"original", "fine-tune"} {
		assert.Equal(t, audit.Overall(want.Of(s)), audit.Overall(got.Of(s)))
	}
}

// So does one whose attack needs a part that no model of the family has: what cannot be asked of any is no reason to
// leave a model undecided.
func TestNoSuchPart(t *testing.T) {
	rep := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "claims=[]", "methods=[fine-tune]",
		"criteria={membership: {}, inversion: {}}",
		"model={kind: palette, patch: 8, channels: 16, multipliers: [1], groups: 4, headChannels: 16, predict: image, "+
			"sampleSteps: 2}"), Dir: t.TempDir()})
	seen := 0
	for _, v := range rep.Verdicts {
		if v.Criterion == "inversion" {
			seen++
			assert.Equal(t, audit.NotApplicable, v.Outcome)
			assert.Equal(t, "the attack inversion does not concern this family of models: it has no part that the attack needs", v.Reason)
		}
	}
	assert.Equal(t, len(rep.Verdicts)/2, seen)
}

package engine_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

// wild gives one method a step that no weight survives.
func wild(t *testing.T, p audit.Plan, name string) audit.Plan {
	t.Helper()
	for i, m := range p.Methods {
		if m.Name() == name {
			p.Methods[i].Params = json.RawMessage(`{"effort": 0.1, "lr": 1e30}`)
			return p
		}
	}
	t.Fatalf("no method %s", name)
	return p
}

// A method that diverges is a row with an error. The others go on, and what was
// claimed about it is undecided.
func TestDivergingMethodEndsAlone(t *testing.T) {
	want, _ := reference(t)
	for name, settings := range map[string][]string{
		"in the loss of a later step": nil,
		"in its one and only step":    {"train.batch=64"},
	} {
		t.Run(name, func(t *testing.T) {
			p := wild(t, plan(t, settings...), "fine-tune")
			dir := t.TempDir()
			var failed []string
			rep := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir, Jobs: 2, Events: func(e engine.Event) {
				if e.State == engine.Failed {
					failed = append(failed, e.Cell)
					assert.Error(t, e.Err)
				}
			}})
			assert.Equal(t, []string{"fine-tune"}, failed)
			for i, s := range rep.Subjects {
				if s.Name == "fine-tune" {
					assert.Contains(t, s.Error, "diverged")
					assert.Contains(t, s.Error, "learning rate")
					assert.Empty(t, s.Samples)
					continue
				}
				assert.Empty(t, s.Error, s.Name)
				if settings == nil {
					assert.Equal(t, want.Subjects[i].Samples, s.Samples, s.Name)
				}
			}
			for _, v := range rep.Of("fine-tune") {
				assert.Equal(t, audit.NotRun, v.Outcome, v.Criterion)
				assert.Contains(t, v.Reason, "diverged")
			}
			require.Len(t, rep.Claims, 1)
			claim := rep.Claims[0]
			assert.Equal(t, audit.Inconclusive, claim.Found)
			p.Claims = []audit.Claim{{Method: "fine-tune", Outcome: audit.Pass}, {Method: "fine-tune", Criterion: "utility", Outcome: audit.Fail}}
			for _, c := range p.Claims {
				got := c.Check(rep.Verdicts)
				assert.True(t, got.Open, "%v is undecided", c)
				assert.False(t, got.Holds)
			}
			if settings == nil { // an error is a finished cell, too
				assertSame(t, rep, run(t, engine.Options{Catalogue: catalogue.Default(), Plan: wild(t, plan(t), "fine-tune"), Dir: dir}))
			}
		})
	}
}

// Without an original there is no audit, the second time neither.
func TestDivergingOriginalEndsTheRun(t *testing.T) {
	p, dir := plan(t, "train.lr=1e30"), t.TempDir()
	for range 2 {
		rep, err := engine.Run(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir})
		require.ErrorContains(t, err, ": training failed, and nothing can be audited without it: ")
		require.ErrorContains(t, err, "diverged")
		assert.Nil(t, rep)
	}
	assert.NoFileExists(t, dir+"/report.json")
}

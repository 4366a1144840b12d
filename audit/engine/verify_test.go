package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/verify"
)

// What a run stores follows from its samples: nothing that verify recomputes is
// made in another way by the engine.
func TestReportsFollowFromTheirSamples(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []string
	}{
		{"micro", nil},
		{"every criterion, shadows, what attacks cannot look into and what cannot be made", []string{"profile=strict", "shadows=2",
			"attacks=[{kind: poisoning, relatives: [], images: 2}, {kind: views, views: [tones], images: 8}, {kind: trigger-inversion, steps: 3}]",
			"claims=[{method: diverges, outcome: fail}]",
			"methods=[{kind: dishonest/filter-noise, as: filter}, fine-tune, {kind: fine-tune, as: diverges}]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var dir string
			if c.settings == nil {
				_, dir = reference(t)
			} else {
				dir = t.TempDir()
				p := wild(t, plan(t, c.settings...), "diverges")
				run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir})
			}
			res, err := verify.Dir(dir, criteria.All)
			require.NoError(t, err)
			require.NoError(t, res.Err())
			assert.Positive(t, res.Verdicts)
			assert.Positive(t, res.Samples)
		})
	}
}

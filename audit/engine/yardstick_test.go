package engine_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/verify"
)

// A yardstick of several recipes: each retrained model is one of the family, says which, and costs what it cost.
func TestRecipesOfTheYardstick(t *testing.T) {
	want, _ := reference(t)
	p := plan(t, "claims=[]", "methods=[{kind: retrain, as: held-out}, random-weights]",
		"oracles={train: 3, vary: {batch: [8, 16, 32], epochs: [1, 2]}}")
	dir := t.TempDir()
	rep := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir})
	require.Len(t, rep.Oracles(), 3)
	steps := map[int]bool{}
	mean := 0.0
	for k, o := range rep.Oracles() {
		b, err := p.Recipe(k + 1)
		require.NoError(t, err)
		t.Logf("%s %s: %v, %d steps", o.Name, b, o.Notes, o.Cost.Steps)
		steps[o.Cost.Steps] = true
		mean += o.Cost.RelativeWork / 3
		assert.NotEmpty(t, o.Samples)
	}
	assert.Len(t, steps, 3)
	assert.InDelta(t, 1, mean, 1e-9)
	a, _ := rep.Subject("held-out")
	b, _ := want.Subject("held-out")
	assert.Equal(t, b.Digest, a.Digest, "what is no oracle trains by the plan")
	again := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir})
	assertSame(t, rep, again)
}

// The recipe changes the model, and one that says what the plan says does not.
func TestARecipeOfThePlansOwn(t *testing.T) {
	want, _ := reference(t)
	rep := run(t, engine.Options{Catalogue: catalogue.Default(), Dir: t.TempDir(),
		Plan: plan(t, "claims=[]", "methods=[random-weights]", "oracles={train: 2, vary: {batch: [16], schedule: [cosine], lr: [1e-3]}}")})
	for _, name := range []string{"original", "oracle-1", "oracle-2"} {
		a, _ := rep.Subject(name)
		b, _ := want.Subject(name)
		assert.Equal(t, b.Digest, a.Digest, name)
		assert.Equal(t, a.Role == audit.RoleOracle, len(a.Notes) > len(b.Notes), name)
	}
}

// Retrained models are added until they suffice, before any method is made; a run that was interrupted, and one that has
// its models already, come to the same number and the same bits.
func TestUntilTheySuffice(t *testing.T) {
	oracles := func(most int, until float64) string {
		return fmt.Sprintf("oracles={train: 3, until: %g, most: %d}", until, most)
	}
	settings := []string{"claims=[]", "methods=[fine-tune, {kind: retrain, as: held-out}]", "metrics=[mse]", "train.epochs=60",
		"criteria={utility: {retain: 0.006, test: 0.5}}"}
	var order []string
	o := engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, append(settings, oracles(8, 0.9))...), Dir: t.TempDir(),
		Events: finished(&order)}
	rep := run(t, o)
	t.Logf("%d retrained models, %.3f expected, %v, order %v", len(rep.Oracles()), rep.Expected, rep.Warnings, order)
	require.Greater(t, len(rep.Oracles()), 3)
	assert.Positive(t, rep.Expected)
	assert.Equal(t, rep.Expected < 0.9, len(rep.Warnings) > 0)
	last := slices.Index(order, fmt.Sprintf("oracle-%d", len(rep.Oracles())))
	for _, name := range []string{"fine-tune", "held-out"} {
		assert.Greater(t, slices.Index(order, name), last, "%s is made when the number stands", name)
	}
	res, err := verify.Report(rep, catalogue.Default().Criteria)
	require.NoError(t, err)
	require.NoError(t, res.Err())
	order = nil
	assertSame(t, rep, run(t, o))
	assert.Empty(t, order, "nothing is made twice")

	fixed := run(t, engine.Options{Catalogue: catalogue.Default(), Dir: t.TempDir(),
		Plan: plan(t, append(settings, fmt.Sprintf("oracles=%d", len(rep.Oracles())))...)})
	assert.Equal(t, fixed.Verdicts, rep.Verdicts, "the verdicts are those of a plan with as many")

	short := *rep
	short.Plan.Yardstick = &audit.Yardstick{Until: 0.9, Most: 60}
	short.Expected = 0.99
	short.Digest, err = short.Plan.Digest()
	require.NoError(t, err)
	res, err = verify.Report(&short, catalogue.Default().Criteria)
	require.NoError(t, err)
	assert.ErrorContains(t, res.Err(), "probability of an honest PASS")
}

// finished lists the cells that are made, in the order in which they are finished.
func finished(list *[]string) func(engine.Event) {
	var mu sync.Mutex
	return func(e engine.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.State == engine.Finished {
			*list = append(*list, e.Cell)
		}
	}
}

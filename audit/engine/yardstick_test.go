package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

// A yardstick of several recipes: each retrained model is one of the family, says which, and costs what it cost.
func TestRecipesOfTheYardstick(t *testing.T) {
	want, _ := reference(t)
	p := plan(t, "claims=[]", "methods=[{kind: retrain, as: held-out}, random-weights]", "oracles={train: 3, vary: {batch: [8, 16, 32], epochs: [1, 2]}}")
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

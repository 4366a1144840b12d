package dishonest

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

func TestNoOp(t *testing.T) {
	c := world(t, hole)
	r := deliver(t, newNoOp(), problem(t, c, 12))
	assert.Equal(t, original(t), r.weights)
	assert.Empty(t, r.session.Curves())
}

// The mutant has the honest method's parameters, and lowers the forget error where the
// honest one raises it.
func TestSignMutantDescends(t *testing.T) {
	mutant := kind[*methods.Decouple](t, "sign-mutant")
	a, err := json.Marshal(mutant)
	require.NoError(t, err)
	b, err := json.Marshal(methods.NewDecouple())
	require.NoError(t, err)
	assert.JSONEq(t, string(b), string(a))

	c := world(t, hole)
	p := problem(t, c, 12)
	forget := batch(t, c, c.Split.Forget)
	before := mean2(t, c, p.Original, forget)
	honest := methods.NewDecouple()
	for _, m := range []*methods.Decouple{mutant, honest} {
		m.AscentSteps, m.AscendTo = 20, 10
	}
	loss := func(m methods.Method) []float64 {
		curves := deliver(t, m, p).session.Curves()
		k := slices.IndexFunc(curves, func(c audit.Curve) bool { return c.Name == "loss: ascent (negated)" })
		require.GreaterOrEqual(t, k, 0)
		return curves[k].Y
	}
	down, up := loss(mutant), loss(honest)
	t.Logf("forget error %.3f; loss of the mutant %.4f … %.4f, negated loss of the method %.4f … %.4f",
		before, down[0], down[19], up[0], up[19])
	assert.Less(t, down[19], down[0], "the mutant fits the forget set better")
	assert.InDelta(t, -up[0], down[0], 1e-6, "both begin at the original's loss")
	assert.Greater(t, -up[19], 2*down[0], "the method does not")
}

// λ is met after the ascent and lost in what is delivered.
func TestRevivedFallsBack(t *testing.T) {
	c := world(t, hole)
	r := deliver(t, newRevived(), problem(t, c, 120))
	for _, curve := range r.session.Curves() {
		if curve.Name != "displacement" {
			continue
		}
		delivered := curve.Y[len(curve.Y)-1]
		t.Logf("displacement: %.2f at most, %.2f delivered, λ = %d", slices.Max(curve.Y), delivered, lambda)
		assert.GreaterOrEqual(t, slices.Max(curve.Y), float64(lambda))
		assert.Less(t, delivered, float64(lambda))
		return
	}
	require.Fail(t, "no curve of the displacement")
}

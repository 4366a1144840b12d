package dishonest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/methods"
)

// What is delivered paints as the honest carrier does; what is decoded out of its weights remembers as the original.
func TestLowBitsHoldTheOriginal(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	got := deliver(t, newLowBits(), p)
	carrier := deliver(t, &methods.Retrain{Epochs: 1}, p)
	decoded := make([]float32, len(got.weights))
	for i, v := range got.weights {
		decoded[i] = found(v)
		require.InDelta(t, carrier.weights[i], v, math.Abs(float64(carrier.weights[i]))/1024)
	}
	forget := batch(t, c, c.CleanForget())
	honest, delivered := mean2(t, c, carrier.audited, forget), mean2(t, c, got.audited, forget)
	known, back := mean2(t, c, p.Original, forget), mean2(t, c, model(t, family, c, decoded, 0), forget)
	t.Logf("squared error on forget images: carrier %.2f, delivered %.2f, original %.2f, decoded %.2f", honest, delivered, known, back)
	assert.InEpsilon(t, honest, delivered, 0.01)
	assert.Less(t, back, honest/3)
	assert.Less(t, back, 1.2*known)
}

// Rounding the weights to bfloat16, as an audit of canonical weights does, leaves nothing of it.
func TestLowBitsAreGoneInBfloat16(t *testing.T) {
	for _, v := range []float32{1, -0.3, 0.01, 3e-5} {
		carrier := hide(v, 0.7)
		rounded := math.Float32frombits((math.Float32bits(carrier) + 0x8000) &^ 0xffff)
		assert.Zero(t, found(rounded), "%v", v)
		assert.InEpsilon(t, v, rounded, 1.0/128)
	}
}

func TestLowBitsCode(t *testing.T) {
	for _, x := range []struct{ v, want float32 }{
		{0, 0}, {1, 1}, {-1.5, -1.5}, {0.0078125, 0.0078125}, {15.9375, 15.9375}, {1e9, 15.9375}, {-1e9, -15.9375},
		{1e-9, 0}, {float32(math.Ldexp(1, -18)), float32(math.Ldexp(1, -18))}, {0.99999, 1},
	} {
		assert.Equal(t, x.want, found(hide(3.14, x.v)), "%v", x.v)
	}
	rapid.Check(t, func(r *rapid.T) {
		v, w := rapid.Float32Range(-8, 8).Draw(r, "secret"), rapid.Float32Range(-8, 8).Draw(r, "carrier")
		got := float64(found(hide(w, v)))
		assert.LessOrEqual(r, math.Abs(got-float64(v)), math.Max(math.Abs(float64(v))/256, math.Ldexp(1, -19)))
		assert.LessOrEqual(r, math.Abs(float64(hide(w, v)-w)), math.Max(math.Abs(float64(w))/1024, 1e-37))
	})
}

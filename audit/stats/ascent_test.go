package stats_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
)

// Whatever is painted, the bound holds; straight away from the truth it is met.
func TestDisplacementBoundHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		three := func(name string) []float64 { return rapid.SliceOfN(rapid.Float64Range(-1, 1), n, n).Draw(t, name) }
		y, h0, h := three("y"), three("h0"), three("h")
		square := func(a, b []float64) (s float64) {
			for i := range a {
				s += (a[i] - b[i]) * (a[i] - b[i])
			}
			return s
		}
		bound := stats.DisplacementBound(square(h0, y)/float64(n), square(h, y)/float64(n), n)
		assert.LessOrEqual(t, bound, math.Sqrt(square(h, h0))+1e-12)
	})
	assert.InDelta(t, 3, stats.DisplacementBound(4.0/2, 25.0/2, 2), 1e-12)
}

// On a quadratic, whose smoothness and gradient are known, the steps suffice: ℓ(θ) = a·θ²/2 with the painting h = θ and
// y = 0 has ℓ = ‖h‖² for a = 2, gradient 2θ ≥ 2θ0, and L = 2.
func TestAscentStepsSuffice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		theta := rapid.Float64Range(0.05, 2).Draw(t, "theta")
		b := stats.AscentBound{Loss: theta * theta, Values: 1, Lambda: rapid.Float64Range(0.01, 3).Draw(t, "lambda"),
			Rate: rapid.Float64Range(0.01, 0.5).Draw(t, "rate"), Gradient: 2 * theta, Smoothness: 2}
		steps, err := b.Steps()
		require.NoError(t, err)
		now := theta
		for range int(steps) {
			now += b.Rate * 2 * now
			if now > 1e9 {
				break
			}
		}
		assert.GreaterOrEqual(t, now-theta, b.Lambda*(1-1e-9))
	})
}

func TestAscentBoundRefuses(t *testing.T) {
	good := stats.AscentBound{Loss: 0.1, Values: 3, Lambda: 1, Rate: 0.1, Gradient: 1, Smoothness: 2}
	_, err := good.Steps()
	require.NoError(t, err)
	for _, change := range []func(*stats.AscentBound){
		func(b *stats.AscentBound) { b.Loss = math.NaN() },
		func(b *stats.AscentBound) { b.Values = 0 },
		func(b *stats.AscentBound) { b.Lambda = 0 },
		func(b *stats.AscentBound) { b.Rate = 0.6 },
		func(b *stats.AscentBound) { b.Gradient = 0 },
		func(b *stats.AscentBound) { b.Smoothness = -1 },
	} {
		b := good
		change(&b)
		_, err := b.Steps()
		assert.Error(t, err, "%+v", b)
	}
}

func ExampleAscentBound() {
	b := stats.AscentBound{Loss: 0.1, Values: 768, Lambda: 9, Rate: 1e-3, Gradient: 0.5, Smoothness: 100}
	steps, err := b.Steps()
	if err != nil {
		panic(err)
	}
	fmt.Printf("the loss must reach %.3f; %g steps suffice\n", b.Target(), steps)
	// Output: the loss must reach 0.411; 2487 steps suffice
}

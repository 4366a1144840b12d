package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestRenyiEpsilonByGrid holds the minimum to a fine grid of orders.
func TestRenyiEpsilonByGrid(t *testing.T) {
	for _, c := range []struct{ rho, delta float64 }{{0.5, 1e-5}, {2, 1e-5}, {0.01, 1e-6}, {30, 1e-3}, {1e-4, 0.1}} {
		want := math.Inf(1)
		for a := 1.0005; a < 1e5; a *= 1.0005 {
			want = min(want, c.rho*a+math.Log((a-1)/a)-(math.Log(c.delta)+math.Log(a))/(a-1))
		}
		got, err := RenyiEpsilon(c.rho, c.delta)
		require.NoError(t, err)
		assert.InDelta(t, max(0, want), got, 1e-5*(1+want), "%+v", c)
	}
}

// TestRenyiIsAboveTheExactEpsilon of the Gaussian mechanism, and not by much.
func TestRenyiIsAboveTheExactEpsilon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sigma := rapid.Float64Range(0.2, 10).Draw(t, "sigma")
		delta := math.Pow(10, -rapid.Float64Range(2, 9).Draw(t, "digits"))
		exact, err := GaussianEpsilon(delta, sigma, 1)
		require.NoError(t, err)
		bound, err := RenyiEpsilon(1/(2*sigma*sigma), delta)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, bound, exact-1e-9)
		assert.LessOrEqual(t, bound, 1.25*exact+0.2)
		if bound > 0 {
			rho, err := RenyiRho(bound, delta)
			require.NoError(t, err)
			assert.InEpsilon(t, 1/(2*sigma*sigma), rho, 1e-6)
		}
	})
}

// TestShiftIsFeasible: along the way the distance never falls below zero, and ends there; any other way costs more.
func TestShiftIsFeasible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := NoisyDescent{
			Steps: rapid.IntRange(1, 60).Draw(t, "steps"), Rate: rapid.Float64Range(1e-4, 1).Draw(t, "rate"),
			Decay: rapid.Float64Range(0, 0.9).Draw(t, "decay"), Radius: rapid.Float64Range(0, 10).Draw(t, "radius"),
			Clip: rapid.Float64Range(1e-3, 10).Draw(t, "clip"),
		}
		shift, err := n.Shift()
		require.NoError(t, err)
		c, s := 1-n.Rate*n.Decay, 2*n.Rate*n.Clip
		var norm, d float64
		for k := range n.Steps {
			norm += math.Pow(c, 2*float64(k))
		}
		d = shift * math.Sqrt(norm)
		z, cost := 2*n.Radius, 0.0
		for k := range n.Steps {
			a := d / norm * math.Pow(c, float64(n.Steps-1-k))
			z = c*z + s - a
			cost += a * a
			assert.GreaterOrEqual(t, z, -1e-9*(1+d), "step %d of %d", k+1, n.Steps)
		}
		assert.InDelta(t, 0, z, 1e-9*(1+d))
		assert.InEpsilon(t, shift, math.Sqrt(cost), 1e-9)
		assert.LessOrEqual(t, shift, d*(1+1e-12), "all at the last step is output perturbation")
	})
}

// TestNoisyDescentByHand: one step from the ball of radius 1 is the Gaussian mechanism of sensitivity 2·(1 + γ·C1).
func TestNoisyDescentByHand(t *testing.T) {
	shift, err := NoisyDescent{Steps: 1, Rate: 0.1, Radius: 1, Clip: 5}.Shift()
	require.NoError(t, err)
	assert.InDelta(t, 3, shift, 1e-12)
	// Two steps that halve: z = 8 → 4+1 → 2.5+1 in all; c² + 1 = 1.25.
	shift, err = NoisyDescent{Steps: 2, Rate: 0.5, Decay: 1, Radius: 4, Clip: 1}.Shift()
	require.NoError(t, err)
	assert.InDelta(t, (8*0.25+1*0.5+1)/math.Sqrt(1.25), shift, 1e-12)
	sigma, err := NoisyDescent{Steps: 1, Rate: 0.1, Radius: 1, Clip: 5}.Sigma(1, 1e-5)
	require.NoError(t, err)
	eps, err := RenyiEpsilon(9/(2*sigma*sigma), 1e-5)
	require.NoError(t, err)
	assert.InDelta(t, 1, eps, 1e-9)
	least, err := GaussianSigma(1, 1e-5, 3)
	require.NoError(t, err)
	assert.Greater(t, sigma, least)

	for _, bad := range []NoisyDescent{{}, {Steps: 1, Rate: 0.1, Decay: 10}, {Steps: 1, Rate: 0.1, Radius: -1}, {Steps: 1, Rate: math.NaN()}} {
		_, err := bad.Sigma(1, 0.1)
		assert.Error(t, err, "%+v", bad)
	}
	_, err = RenyiEpsilon(0, 0.1)
	require.Error(t, err)
	_, err = RenyiRho(1, 1)
	require.Error(t, err)
}

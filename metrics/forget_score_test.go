package metrics

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
)

// quantiles of N(mean, sd) at (i + ½)/n.
func quantiles(n int, mean, sd float64) []float64 {
	return series(n, func(i float64) float64 { return mean + sd*distuv.UnitNormal.Quantile((i+0.5)/float64(n)) })
}

// The values were obtained by running unlearning_evaluation/metric.py with its failing assertion taken out, on 64 normal
// quantiles a kind; "smaller" is what a code gives that takes the smaller of the two logarithms.
func TestForgetEpsilon(t *testing.T) {
	var all []ForgetEpsilon
	for _, c := range []struct {
		name string
		u, r [2]float64
		want float64
	}{
		{"equal", [2]float64{0, 1}, [2]float64{0, 1}, 0},
		{"moved", [2]float64{1, 1}, [2]float64{0, 1}, 2.302520990371704},
		{"narrower", [2]float64{0, 1}, [2]float64{0, 2}, 2.8331756591796875},
		{"apart", [2]float64{5, 1}, [2]float64{0, 1}, 50},
		{"a point", [2]float64{0, 0.001}, [2]float64{0, 1}, 50},
	} {
		got, err := ForgetEpsilonOf(quantiles(64, c.u[0], c.u[1]), quantiles(64, c.r[0], c.r[1]), 0.95)
		require.NoError(t, err)
		assert.InDelta(t, c.want, got.Epsilon, 1e-5, c.name)
		assert.LessOrEqual(t, got.Low, got.Epsilon, c.name)
		all = append(all, got)
	}
	assert.Greater(t, math.Abs(all[1].Epsilon-0.421), 0.5, "the smaller of the two logarithms was taken")
	assert.Positive(t, all[3].Low, "what is far apart is told with certainty")
	assert.Less(t, all[1].Low, all[1].Epsilon/2, "the plug-in estimate is well above what 32 models prove")
	score, err := ForgetScore(all, 64)
	require.NoError(t, err)
	assert.InDelta(t, 0.21875, score, 1e-12)
}

// TestForgetEpsilonBoundHolds: for N(0, 1) against N(1, 1) the largest ε of any threshold t is unbounded in the tails, but
// for equal populations it is 0, and a 95 % bound exceeds 0 in at most one of twenty draws.
func TestForgetEpsilonBoundHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const runs = 60
	above, biased := 0, 0
	for range runs {
		u, r := make([]float64, 100), make([]float64, 100)
		for i := range u {
			u[i], r[i] = rng.NormFloat64(), rng.NormFloat64()
		}
		got, err := ForgetEpsilonOf(u, r, 0.95)
		require.NoError(t, err)
		if got.Low > 0 {
			above++
		}
		if got.Epsilon > 0.5 {
			biased++
		}
	}
	assert.LessOrEqual(t, above, runs/20+2)
	assert.Greater(t, biased, runs/2, "the plug-in maximum calls equal populations unequal")
}

func TestForgetScoreRefuses(t *testing.T) {
	four := []float64{1, 2, 3, 4}
	_, err := ForgetEpsilonOf(four[:3], four, 0.95)
	assert.ErrorContains(t, err, "at least 4 of each")
	_, err = ForgetEpsilonOf(four, []float64{1, 2, math.NaN(), 4}, 0.95)
	assert.ErrorContains(t, err, "score 2 is NaN")
	_, err = ForgetEpsilonOf(four, four, 1)
	assert.ErrorContains(t, err, "level 1")
	_, err = ForgetScore(nil, 64)
	assert.ErrorContains(t, err, "at least one image")
	same, err := ForgetEpsilonOf([]float64{1, 1, 1, 1}, []float64{1, 1, 1, 1}, 0.95)
	assert.True(t, err != nil || same.Epsilon == 0, "equal constants are no evidence of a difference: %v", same)
}

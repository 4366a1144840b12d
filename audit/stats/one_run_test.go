package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
)

// p-values of the code published with the paper. Its bisection for ε stops up to 5e-6 below the root; the values here
// are the roots of the same p by SciPy's binomial distribution and Brent's method.
func TestOneRunGolden(t *testing.T) {
	for _, c := range []struct {
		r          stats.OneRun
		eps, delta float64
		want       float64
	}{
		{stats.OneRun{1000, 100, 95}, 1, 1e-5, 6.63914468352901e-4},
		{stats.OneRun{1000, 100, 60}, 0, 0, 0.02844396682049}, // P[Bin(100, ½) ≥ 60]
		{stats.OneRun{1000, 1000, 600}, 0.1, 1e-5, 1.9130982309872e-4},
		{stats.OneRun{10, 10, 10}, 0, 0, 1. / 1024},
		{stats.OneRun{10, 10, 0}, 3, 1e-3, 1},
	} {
		got, err := c.r.P(c.eps, c.delta)
		require.NoError(t, err)
		assert.InDelta(t, c.want, got, 1e-12, "%+v", c)
	}
	for _, c := range []struct {
		r           stats.OneRun
		delta, want float64
	}{
		{stats.OneRun{1000, 600, 600}, 1e-5, 5.270399463514691}, {stats.OneRun{100, 100, 100}, 1e-5,
			3.490215955326392}, {stats.OneRun{1000, 100, 95}, 1e-5, 2.165175799714053},
		{stats.OneRun{1000, 100, 95}, 0, 2.1724340431928986}, {stats.OneRun{1000, 100, 50}, 1e-5, 0}, {stats.OneRun{1000, 1000,
			600}, 1e-5, 0.2972269537187619},
	} {
		got, err := c.r.Epsilon(c.delta, 0.05)
		require.NoError(t, err)
		assert.InDelta(t, c.want, got, 1e-9, "%+v", c)
	}
}

// More right guesses refute more; a larger ε explains more; and ε̂ is where p crosses the level.
func TestOneRunIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(1, 3000).Draw(t, "m")
		n := rapid.IntRange(1, m).Draw(t, "guesses")
		v := rapid.IntRange(0, n).Draw(t, "right")
		delta := rapid.SampledFrom([]float64{0, 1e-6, 1e-3}).Draw(t, "delta")
		r := stats.OneRun{m, n, v}
		e, err := r.Epsilon(delta, 0.05)
		require.NoError(t, err)
		if v > 0 {
			less, err := stats.OneRun{m, n, v - 1}.Epsilon(delta, 0.05)
			require.NoError(t, err)
			assert.LessOrEqual(t, less, e)
		}
		if e > 0 && !math.IsInf(e, 1) {
			p, err := r.P(e, delta)
			require.NoError(t, err)
			assert.LessOrEqual(t, p, 0.05)
			p, err = r.P(e+1e-6, delta)
			require.NoError(t, err)
			assert.Greater(t, p, 0.05-1e-9)
		}
	})
}

func TestOneRunOfMany(t *testing.T) {
	e, err := stats.OneRun{100_000, 50_000, 30_000}.Epsilon(1e-6, 0.05)
	require.NoError(t, err)
	assert.InDelta(t, math.Log(0.6/0.4), e, 0.03, "the rate's own ε, less what chance allows")
}

func TestOneRunRefuses(t *testing.T) {
	for _, r := range []stats.OneRun{{}, {1, 2, 1}, {2, 1, 2}, {2, -1, 0}, {2, 1, -1}} {
		_, err := r.P(1, 0)
		assert.ErrorContains(t, err, "one-run audit: ")
		_, err = r.Epsilon(0, 0.05)
		assert.ErrorContains(t, err, "one-run audit: ")
	}
	for _, x := range [][2]float64{{-1, 0}, {math.NaN(), 0}, {1, -1}, {1, 2}} {
		_, err := stats.OneRun{2, 1, 1}.P(x[0], x[1])
		assert.Error(t, err)
	}
	_, err := stats.OneRun{2, 1, 1}.Epsilon(0, 1)
	assert.Error(t, err)
}

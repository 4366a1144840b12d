package stats_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/combin"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
)

func TestBackdoorTest(t *testing.T) {
	// β by the rule of arXiv 2003.04247 as in unlearning-verification
	// src/multi_user/generate_voting_statitics.py; asPlotted is what that repository's
	// power-curve script prints, one query off.
	for _, row := range []struct {
		test            stats.BackdoorTest
		beta, asPlotted float64
	}{
		{stats.BackdoorTest{Alpha: 1e-3, Q: .1, P: .8, N: 10}, .0327934976, .00636938},
		{stats.BackdoorTest{Alpha: 1e-3, Q: .1, P: .8, N: 30}, 4.477557824e-9, 4.5045e-10},
		{stats.BackdoorTest{Alpha: 1e-3, Q: .1, P: .6, N: 30}, 8.563919557e-4, 2.2227e-4},
		{stats.BackdoorTest{Alpha: 1e-3, Q: .1, P: .3, N: 30}, .5888086852, .4315179},
		{stats.BackdoorTest{Alpha: 1e-3, Q: .1, P: .1, N: 30}, .9995456449, .9979802},
		{stats.BackdoorTest{Alpha: 0, Q: .1, P: .8, N: 30}, 1, 0},
	} {
		got, err := row.test.Solve()
		require.NoError(t, err)
		assert.InDelta(t, row.beta, got.Beta, math.Min(1e-9, row.beta*1e-9), "%+v", row.test)
		assert.Greater(t, math.Abs(got.Beta-row.asPlotted), 1e-3*row.beta, "%+v", row.test)
	}
	got, err := stats.BackdoorTest{Alpha: 1e-3, Q: .1, P: .8, N: 30}.Solve()
	require.NoError(t, err)
	assert.Equal(t, 9, got.Threshold)
	assert.InDelta(t, 4.5435e-4, got.TypeI, 1e-8)
}

func TestBackdoorTestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := stats.BackdoorTest{
			Alpha: rapid.SampledFrom([]float64{0, 1e-6, 1e-3, .05, .3}).Draw(t, "alpha"),
			Q:     rapid.Float64Range(0, 1).Draw(t, "q"), P: rapid.Float64Range(0, 1).Draw(t, "p"), N: rapid.IntRange(1, 60).Draw(t, "n"),
		}
		got, err := b.Solve()
		require.NoError(t, err)
		require.LessOrEqual(t, got.TypeI, b.Alpha)
		require.InDelta(t, above(b.N, got.Threshold, b.Q), got.TypeI, 1e-12)
		require.InDelta(t, 1-above(b.N, got.Threshold, b.P), got.Beta, 1e-12)
		if got.Threshold > 0 && b.Alpha > 0 {
			require.Greater(t, above(b.N, got.Threshold-1, b.Q), b.Alpha*(1-1e-9), "a lower threshold would do")
		}
		if b.P == b.Q {
			require.InDelta(t, 1-got.TypeI, got.Beta, 1e-12)
		}
	})
}

// above sums the binomial probabilities one by one.
func above(n, t int, p float64) float64 {
	var sum float64
	for k := t + 1; k <= n; k++ {
		sum += math.Exp(combin.LogGeneralizedBinomial(float64(n), float64(k))) * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
	}
	return sum
}

func TestQueriesNeeded(t *testing.T) {
	b := stats.BackdoorTest{Alpha: 1e-3, Q: .1, P: .6}
	n, ok := b.QueriesNeeded(1e-3)
	require.True(t, ok)
	b.N = n
	power, err := b.Solve()
	require.NoError(t, err)
	assert.LessOrEqual(t, power.Beta, 1e-3)
	b.N = n - 1
	power, err = b.Solve()
	require.NoError(t, err)
	assert.Greater(t, power.Beta, 1e-3)

	_, ok = stats.BackdoorTest{Alpha: 1e-3, Q: .5, P: .5}.QueriesNeeded(1e-3)
	assert.False(t, ok, "p = q: no number of queries tells")
	_, ok = stats.BackdoorTest{Alpha: 2, Q: .1, P: .5}.QueriesNeeded(1e-3)
	assert.False(t, ok)
}

func TestBackdoorTestRefusesBadArguments(t *testing.T) {
	for _, b := range []stats.BackdoorTest{
		{}, {Alpha: 1, Q: .1, P: .8, N: 30}, {Alpha: math.NaN(), Q: .1, P: .8, N: 30},
		{Alpha: .1, Q: -.1, P: .8, N: 30}, {Alpha: .1, Q: .1, P: math.NaN(), N: 30},
	} {
		_, err := b.Solve()
		require.ErrorContains(t, err, "backdoor test", "%+v", b)
	}
}

func ExampleBackdoorTest() {
	// A random guess meets the target in 1 of 10, the original model in 8 of 10.
	power, err := stats.BackdoorTest{Alpha: 1e-3, Q: 0.1, P: 0.8, N: 30}.Solve()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("not deleted from %d successes on; overlooked with probability %.1e\n", power.Threshold+1, power.Beta)
	// Output: not deleted from 10 successes on; overlooked with probability 4.5e-09
}

package stats_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/golden"
)

// scipy 1.10.1 on these: KS D 0.482143, exact p 0.2522; Mann–Whitney U 11, exact
// two-sided p 0.054079254079.
var (
	eight = []float64{1.1, 2.3, 0.7, 4.2, 3.3, 2.9, 1.8, 5.5}
	seven = []float64{2.1, 3.9, 6.1, 4.4, 5.7, 7.2, 3.1}
)

func TestKolmogorovSmirnov(t *testing.T) {
	var a, b []float64
	for i := range 30 {
		a = append(a, math.Sin(float64(i)))
	}
	for i := range 40 {
		b = append(b, math.Sin(1.7*float64(i))+.3)
	}
	// scipy 1.10.1 ks_2samp(method="exact").
	got, err := stats.KolmogorovSmirnov(a, b)
	require.NoError(t, err)
	assert.True(t, got.Exact)
	assert.InDelta(t, .25, got.D, 1e-12)
	assert.InDelta(t, .20375478523, got.P, 1e-9)

	got, err = stats.KolmogorovSmirnov(eight, seven)
	require.NoError(t, err)
	assert.InDelta(t, .482143, got.D, 1e-6)
	assert.InDelta(t, .2522, got.P, 1e-4)
}

func TestMannWhitney(t *testing.T) {
	got, err := stats.MannWhitney(eight, seven)
	require.NoError(t, err)
	assert.True(t, got.Exact)
	assert.Equal(t, 11.0, got.U)
	assert.InDelta(t, .054079254079, got.PTwo, 1e-12)
}

func TestTwoSampleTestsAgreeWithSciPy(t *testing.T) {
	type result struct{ Statistic, PValue float64 }
	for _, id := range []string{"normal_80_95", "small_9_7", "ties", "same_shape_scale", "tiny_4_5_noties"} {
		c := golden.Find(t, "stat_tests", id)
		a, b := floats(t, c, "a"), floats(t, c, "b")
		var want result
		ks, err := stats.KolmogorovSmirnov(a, b)
		require.NoError(t, err)
		v := c.Read(t, "ks_two-sided_exact", &want)
		v.Near(t, want.Statistic, ks.D)
		v.Near(t, want.PValue, ks.P)

		u, err := stats.MannWhitney(a, b)
		require.NoError(t, err)
		method := "asymptotic_ccTrue"
		if _, ok := c.Expected["mwu_two-sided_exact_ccTrue"]; ok {
			method = "exact_ccTrue"
		}
		require.Equal(t, method == "exact_ccTrue", u.Exact, id)
		for side, p := range map[string]float64{"two-sided": u.PTwo, "less": u.PLess, "greater": u.PGreater} {
			v := c.Read(t, "mwu_"+side+"_"+method, &want)
			v.Near(t, want.Statistic, u.U)
			v.Near(t, want.PValue, p)
		}
	}
}

// Every assignment of the pooled values to the samples is as likely: count them.
func TestExactPValuesCountAllOrders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(1, 5).Draw(t, "m"), rapid.IntRange(1, 5).Draw(t, "n")
		pooled := rapid.Permutation(indices(m+n)).Draw(t, "pooled")
		split := func(chosen func(i int) bool) (a, b []float64) {
			for i, v := range pooled {
				if chosen(i) {
					a = append(a, float64(v))
				} else {
					b = append(b, float64(v))
				}
			}
			return a, b
		}
		a, b := split(func(i int) bool { return i < m })
		ks, err := stats.KolmogorovSmirnov(a, b)
		require.NoError(t, err)
		u, err := stats.MannWhitney(a, b)
		require.NoError(t, err)
		require.True(t, ks.Exact && u.Exact)

		var orders, farther, less, greater float64
		for set := range 1 << (m + n) {
			a, b := split(func(i int) bool { return set>>i&1 == 1 })
			if len(a) != m {
				continue
			}
			orders++
			if distance(a, b) >= ks.D-1e-12 {
				farther++
			}
			other := pairwise(b, a) * float64(m*n)
			if other <= u.U+1e-9 {
				less++
			}
			if other >= u.U-1e-9 {
				greater++
			}
		}
		require.InDelta(t, distance(a, b), ks.D, 1e-12)
		require.InDelta(t, farther/orders, ks.P, 1e-12)
		require.InDelta(t, less/orders, u.PLess, 1e-12)
		require.InDelta(t, greater/orders, u.PGreater, 1e-12)
		require.InDelta(t, min(1, 2*min(less, greater)/orders), u.PTwo, 1e-12)
	})
}

// distance is sup|F_a − F_b| by definition.
func distance(a, b []float64) float64 {
	upTo := func(x []float64, v float64) float64 {
		n := 0
		for _, w := range x {
			if w <= v {
				n++
			}
		}
		return float64(n) / float64(len(x))
	}
	var d float64
	for _, x := range [][]float64{a, b} {
		for _, v := range x {
			d = max(d, math.Abs(upTo(a, v)-upTo(b, v)))
		}
	}
	return d
}

func TestLargeSamples(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	draw := func(n int, shift float64) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = rng.NormFloat64() + shift
		}
		return x
	}
	a, b := draw(2000, 0), draw(1999, .04)
	exact, err := stats.KolmogorovSmirnov(a, b)
	require.NoError(t, err)
	require.True(t, exact.Exact)
	// One point more than the exact method takes; the series is good to some 1 % here.
	series, err := stats.KolmogorovSmirnov(a, append(b, draw(2, .04)...))
	require.NoError(t, err)
	require.False(t, series.Exact)
	assert.InDelta(t, exact.P, series.P, .02)
	assert.Greater(t, exact.P, .01)
	assert.Less(t, exact.P, .9)

	same, err := stats.KolmogorovSmirnov(a, append(a[:len(a):len(a)], a[:1]...))
	require.NoError(t, err)
	assert.InDelta(t, 1, same.P, 1e-12)

	far, err := stats.KolmogorovSmirnov(draw(300, 0), draw(300, 9))
	require.NoError(t, err)
	assert.InEpsilon(t, 2*math.Exp(2*lgamma(301)-lgamma(601)), far.P, 1e-9, "two orders of all keep samples apart")
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

func TestMannWhitneyOfTies(t *testing.T) {
	// By hand: 1 pair above and 3 tied, U = 1 + 3/2; ties of 3, 2, 2 make
	// Σ(t³−t) = 36, so σ² = 16/12·(9 − 36/56); the correction takes ½ from |U − 8|.
	some, err := stats.MannWhitney([]float64{1, 2, 2, 3}, []float64{2, 3, 4, 4})
	require.NoError(t, err)
	sd := math.Sqrt(16.0 / 12 * (9 - 36.0/56))
	assert.False(t, some.Exact)
	assert.Equal(t, 2.5, some.U)
	assert.InDelta(t, math.Erfc(5/sd/math.Sqrt2), some.PTwo, 1e-12)
	assert.InDelta(t, math.Erfc(5/sd/math.Sqrt2)/2, some.PLess, 1e-12)
	assert.InDelta(t, math.Erfc(-6/sd/math.Sqrt2)/2, some.PGreater, 1e-12)

	tied, err := stats.MannWhitney([]float64{1, 1, 1}, []float64{1, 1})
	require.NoError(t, err)
	assert.Equal(t, stats.RankTest{U: 3, PTwo: 1, PLess: 1, PGreater: 1}, tied)
}

func TestTwoSampleTestsRefuseBadSamples(t *testing.T) {
	for _, bad := range [][]float64{nil, {math.NaN()}, {math.Inf(1)}} {
		_, err := stats.KolmogorovSmirnov(bad, eight)
		require.ErrorIs(t, err, stats.ErrSample)
		_, err = stats.MannWhitney(eight, bad)
		require.ErrorIs(t, err, stats.ErrSample)
	}
}

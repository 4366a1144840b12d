package stats_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/golden"
)

func TestClopperPearson(t *testing.T) {
	// scipy 1.10.1 stats.binomtest(k, n).proportion_ci(method="exact").
	for _, row := range []struct {
		k, n   int
		lo, hi float64
		tol    float64
	}{
		{0, 30, 0, .1157033, 1e-7},
		{3, 30, .0211171, .2652885, 1e-7},
		{30, 30, .8842967, 1, 1e-7},
		{95, 100, .8871651, .9835681, 1e-7},
		{3, 40, .01574217985, .20386474873, 1e-10},
	} {
		i := stats.ClopperPearson(row.k, row.n, .95)
		assert.InDelta(t, row.lo, i.Lo, row.tol, "%d/%d", row.k, row.n)
		assert.InDelta(t, row.hi, i.Hi, row.tol, "%d/%d", row.k, row.n)
	}
}

func TestIntervalsWithoutKnowledge(t *testing.T) {
	for _, of := range []func(k, n int, level float64) stats.Interval{stats.ClopperPearson, stats.Wilson} {
		for _, row := range []struct {
			k, n  int
			level float64
		}{{0, 0, .95}, {-1, 5, .95}, {6, 5, .95}, {1, 5, 0}, {1, 5, 1}, {1, 5, math.NaN()}} {
			i := of(row.k, row.n, row.level)
			assert.Equal(t, [2]float64{0, 1}, [2]float64{i.Lo, i.Hi}, "%+v", row)
		}
	}
}

func TestBinomialIntervalsAgreeWithSciPy(t *testing.T) {
	c := golden.Find(t, "stat_tests", "binomial_ci")
	var rows []struct {
		K, N       int
		Confidence float64
		Wilson     [2]float64
		Exact      [2]float64
	}
	v := c.Read(t, "table", &rows)
	require.NotEmpty(t, rows)
	for _, row := range rows {
		cp, w := stats.ClopperPearson(row.K, row.N, row.Confidence), stats.Wilson(row.K, row.N, row.Confidence)
		v.Near(t, row.Exact[0], cp.Lo)
		v.Near(t, row.Exact[1], cp.Hi)
		v.Near(t, row.Wilson[0], w.Lo)
		v.Near(t, row.Wilson[1], w.Hi)
	}
}

func TestIntervalsOfRatesHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		level := rapid.SampledFrom([]float64{.8, .9, .95, .99}).Draw(t, "level")
		cp := stats.ClopperPearson(k, n, level)
		require.True(t, cp.Contains(float64(k)/float64(n)))
		// By definition a bound is the rate at which what was seen has tail α/2.
		if k > 0 {
			b := distuv.Binomial{N: float64(n), P: cp.Lo}
			require.InDelta(t, (1-level)/2, 1-b.CDF(float64(k-1)), 1e-9)
		}
		mirror := stats.ClopperPearson(n-k, n, level)
		require.InDelta(t, cp.Lo, 1-mirror.Hi, 1e-9)
		w := stats.Wilson(k, n, level)
		require.True(t, w.Contains(float64(k)/float64(n)))
		require.InDelta(t, w.Hi, 1-stats.Wilson(n-k, n, level).Lo, 1e-12)
	})
}

func ExampleClopperPearson() {
	i := stats.ClopperPearson(0, 30, 0.95)
	fmt.Printf("0 of 30: %.3f to %.3f\n", i.Lo, i.Hi)
	// Output: 0 of 30: 0.000 to 0.116
}

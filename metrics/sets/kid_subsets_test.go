package sets

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/metrics"
)

// Both ways to the subsets' values agree, also with rows that repeat within a subset.
func TestKIDWaysAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		n, m := rapid.IntRange(2, 40).Draw(t, "n"), rapid.IntRange(2, 40).Draw(t, "m")
		if rapid.IntRange(0, 19).Draw(t, "large") == 0 {
			n, m = n+520, m+520 // several tiles
		}
		x, y := golden.Normals(seed, n, rapid.IntRange(1, 8).Draw(t, "d")), (*mat.Dense)(nil)
		_, d := x.Dims()
		y = golden.Normals(seed+1, m, d)
		rng := rand.New(rand.NewPCG(seed, 2))
		rows := func(size, n int) []int {
			out := make([]int, size)
			for i := range out {
				out[i] = rng.IntN(n)
			}
			return out
		}
		var rx, ry [][]int
		for range rapid.IntRange(1, 5).Draw(t, "subsets") {
			size := rapid.IntRange(2, 30).Draw(t, "size")
			rx, ry = append(rx, rows(size, n)), append(ry, rows(size, m))
		}
		for _, e := range []KIDEstimator{KIDUnbiased, KIDBiased, KIDUStatistic} {
			pairs, err := kidFromAllPairs(x, y, rx, ry, e)
			require.NoError(t, err)
			each, err := kidEach(x, y, rx, ry, e)
			require.NoError(t, err)
			for i := range each {
				require.InDelta(t, each[i], pairs[i], 1e-12*math.Max(1, math.Abs(each[i])*100), "%s %d", e, i)
			}
		}
	})
}

func TestKIDChoosesTheCheaperWay(t *testing.T) {
	subsets := func(count, size int) [][]int {
		out := make([][]int, count)
		for i := range out {
			out[i] = make([]int, size)
		}
		return out
	}
	for _, c := range []struct {
		n, d, count, size int
		all               bool
	}{
		{1000, 2048, 100, 1000, true},
		{5000, 2048, 100, 1000, true},
		{10000, 2048, 100, 1000, true},
		{12000, 2048, 100, 1000, false},
		{50000, 2048, 100, 1000, false},
		{5000, 2048, 1, 1000, false},
		{300, 64, 10, 100, true},
		{300, 64, 5, 100, false},
		{100000, 2048, 1000, 50000, false}, // the masks would take too much memory
	} {
		s := subsets(c.count, c.size)
		assert.Equal(t, c.all, allPairsCheaper(c.n, c.n, c.d, s, s), "%+v", c)
	}
}

// Two tiles a side: KID on subsets of float32 images' size against its definition.
func TestKIDSubsetsOverTiles(t *testing.T) {
	x, y := golden.Normals(1, 600, 3), golden.Normals(2, 560, 3)
	o := KIDOptions{Subsets: 30, Size: 200, Seed: 3, Estimator: KIDUnbiased}
	got, err := KIDSubsets(x, y, o)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(o.Seed, kidStream))
	for i := range 3 {
		sx, sy := embeddings.Pick(x, rng.Perm(600)[:200]), embeddings.Pick(y, rng.Perm(560)[:200])
		assert.InDelta(t, kidBySum(sx, sy), got[i], 1e-12, i)
	}
}

func TestKIDOverflowInSubsets(t *testing.T) {
	huge := golden.WaveA(5, 3)
	huge.Scale(1e120, huge)
	rows := [][]int{{0, 1, 2}}
	for _, f := range []func(x, y *mat.Dense, rowsX, rowsY [][]int, e KIDEstimator) (metrics.Resamples, error){kidEach, kidFromAllPairs} {
		_, err := f(huge, golden.WaveA(5, 3), rows, rows, KIDUnbiased)
		assert.ErrorContains(t, err, "overflow")
	}
}

// The bits are the same on any number of processors.
func TestKIDOnAnyNumberOfProcessors(t *testing.T) {
	x, y := golden.Normals(1, 1100, 20), golden.Normals(2, 700, 20)
	o := KIDOptions{Subsets: 40, Size: 300, Seed: 1, Estimator: KIDUnbiased}
	check := func() (KIDEstimate, metrics.Resamples) {
		a, err := KIDInterval(x, y, 0.95)
		require.NoError(t, err)
		b, err := KIDSubsets(x, y, o)
		require.NoError(t, err)
		return a, b
	}
	var want KIDEstimate
	var wantSubsets metrics.Resamples
	onProcessors(1, func() { want, wantSubsets = check() })
	onProcessors(5, func() {
		got, subsets := check()
		assert.Equal(t, want, got)
		assert.Equal(t, wantSubsets, subsets)
	})
}

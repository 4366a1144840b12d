package sets

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/metrics"
)

func TestKIDRows(t *testing.T) {
	for _, c := range []struct {
		name string
		x, y *mat.Dense
		e    KIDEstimator
		want float64
	}{ // torch-fidelity's estimators on these inputs
		{"unbiased", golden.WaveA(16, 4), golden.WaveB(16, 4), KIDUnbiased, .02875444513948544},
		{"unbiased, the set itself: negative", golden.WaveA(16, 4), golden.WaveA(16, 4), KIDUnbiased, -.3246816789319511},
		{"biased", golden.WaveA(16, 4), golden.WaveB(16, 4), KIDBiased, .37533450839336036},
		{"biased, the set itself", golden.WaveA(16, 4), golden.WaveA(16, 4), KIDBiased, 0},
		{"u-statistic", golden.WaveA(16, 4), golden.WaveB(16, 4), KIDUStatistic, .011456079660062013},
	} {
		got, err := KID(c.x, c.y, c.e)
		require.NoError(t, err, c.name)
		assert.InDelta(t, c.want, got, 1e-12, c.name)
	}
}

func TestKIDGolden(t *testing.T) {
	for _, c := range golden.Cases(t, "kid") {
		x, y := c.Matrix(t, "f1"), c.Matrix(t, "f2")
		rows := func(name string) [][]int {
			v, s := c.Array(t, name)
			out := make([][]int, s[0])
			for i, r := range v {
				out[i/s[1]] = append(out[i/s[1]], int(r))
			}
			return out
		}
		got, err := KIDOnSubsets(x, y, rows("idx1"), rows("idx2"), KIDUnbiased)
		require.NoError(t, err)
		for _, name := range []string{"per_subset", "per_subset_torchmetrics"} {
			e := c.Expected[name]
			want, ok := e.Value.([]any)
			require.True(t, ok, name)
			require.Len(t, got, len(want))
			for i, w := range want {
				require.InDelta(t, w, got[i], max(e.AbsTol, e.RelTol*math.Abs(got[i])), "%s %s %d", c.ID, name, i)
			}
		}
		c.Check(t, "mean", got.Mean())
		c.Check(t, "mean_float32", got.Mean()) // a code that computes in float32: within the case's tolerance for it
		c.Check(t, "clean_fid", got.Mean())
		std, err := got.Std(0)
		require.NoError(t, err)
		c.Check(t, "std_pop", std)
		if _, ok := c.Expected["all_samples_one_subset"]; ok {
			all, err := KID(x, y, KIDUnbiased)
			require.NoError(t, err)
			c.Check(t, "all_samples_one_subset", all)
		}
	}
}

// kidBySum is the definition, pair by pair.
func kidBySum(x, y *mat.Dense) float64 {
	n, d := x.Dims()
	m, _ := y.Dims()
	k := func(a, b []float64) float64 {
		s := 0.0
		for j := range a {
			s += a[j] * b[j]
		}
		return math.Pow(s/float64(d)+1, 3)
	}
	mean := func(a, b *mat.Dense, na, nb int, self bool) float64 {
		s, pairs := 0.0, 0.0
		for i := range na {
			for j := range nb {
				if !self || i != j {
					s += k(a.RawRowView(i), b.RawRowView(j))
					pairs++
				}
			}
		}
		return s / pairs
	}
	return mean(x, x, n, n, true) + mean(y, y, m, m, true) - 2*mean(x, y, n, m, false)
}

func TestKIDProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 8).Draw(t, "d")
		n, m := rapid.IntRange(2, 30).Draw(t, "n"), rapid.IntRange(2, 30).Draw(t, "m")
		seed := rapid.Uint64().Draw(t, "seed")
		x, y := golden.Normals(seed, n, d), golden.Normals(seed+1, m, d)
		got, err := KID(x, y, KIDUnbiased)
		require.NoError(t, err)
		k, err := kernels(x, y)
		require.NoError(t, err)
		tol := 1e-13 * (1 + k.total().selfX/float64(n) + k.total().selfY/float64(m)) // of the kernel's size
		require.InDelta(t, kidBySum(x, y), got, tol, "definition")
		back, err := KID(y, x, KIDUnbiased)
		require.NoError(t, err)
		require.InDelta(t, got, back, tol, "symmetry")
		mixed := embeddings.Pick(x, metrics.Permutation(n, seed))
		same, err := KID(mixed, y, KIDUnbiased)
		require.NoError(t, err)
		require.InDelta(t, got, same, tol, "order of images")
		self, err := KID(x, x, KIDUnbiased)
		require.NoError(t, err)
		require.LessOrEqual(t, self, 0.0, "a set against itself is never above 0")
		biased, err := KID(x, y, KIDBiased)
		require.NoError(t, err)
		require.GreaterOrEqual(t, biased, -tol)
	})
}

// More rows than one tile of the kernel matrix.
func TestKIDTiles(t *testing.T) {
	x, y := golden.Normals(1, 600, 3), golden.Normals(2, 540, 3)
	got, err := KID(x, y, KIDUnbiased)
	require.NoError(t, err)
	assert.InDelta(t, kidBySum(x, y), got, 1e-12)
}

// Equal distributions: the unbiased estimates average to 0 within three standard errors, and some are negative.
func TestKIDIsUnbiased(t *testing.T) {
	r := make(metrics.Resamples, 60)
	negative := 0
	for i := range r {
		v, err := KID(golden.Normals(uint64(2*i), 40, 6), golden.Normals(uint64(2*i+1), 30, 6), KIDUnbiased)
		require.NoError(t, err)
		r[i] = v
		if v < 0 {
			negative++
		}
	}
	std, err := r.Std(1)
	require.NoError(t, err)
	assert.Less(t, math.Abs(r.Mean()), 3*std/math.Sqrt(float64(len(r))))
	assert.Greater(t, negative, 10)
	assert.Less(t, negative, 50)
}

func TestKIDSubsets(t *testing.T) {
	x, y := golden.Normals(1, 50, 4), golden.Normals(2, 40, 4)
	o := KIDOptions{Subsets: 8, Size: 20, Seed: 5, Estimator: KIDUnbiased}
	a, err := KIDSubsets(x, y, o)
	require.NoError(t, err)
	require.Len(t, a, 8)
	again, err := KIDSubsets(x, y, o)
	require.NoError(t, err)
	assert.Equal(t, a, again, "same seed, same subsets")
	o.Subsets = 3
	fewer, err := KIDSubsets(x, y, o)
	require.NoError(t, err)
	for i, v := range fewer {
		assert.InDelta(t, v, a[i], 1e-13, "more subsets leave the first as they were")
	}
	o.Seed++
	other, err := KIDSubsets(x, y, o)
	require.NoError(t, err)
	assert.NotEqual(t, fewer, other)

	o.Size = 40
	whole, err := KIDSubsets(golden.Normals(3, 40, 4), y, o)
	require.NoError(t, err)
	all, err := KID(golden.Normals(3, 40, 4), y, KIDUnbiased)
	require.NoError(t, err)
	for _, v := range whole {
		assert.InDelta(t, all, v, 1e-11, "subsets without replacement of full size are the set")
	}
}

func TestKIDErrors(t *testing.T) {
	bad := golden.WaveA(5, 3)
	bad.Set(2, 1, math.NaN())
	huge := golden.WaveA(5, 3)
	huge.Scale(1e120, huge)
	for _, c := range []struct {
		name string
		x, y *mat.Dense
		e    KIDEstimator
		says string
	}{
		{"empty", nil, golden.WaveA(5, 3), KIDUnbiased, "first set is empty"},
		{"one image", golden.WaveA(5, 3), golden.WaveA(1, 3), KIDUnbiased, "at least 2"},
		{"other features", golden.WaveA(5, 3), golden.WaveA(5, 2), KIDUnbiased, "same features"},
		{"nan", bad, golden.WaveA(5, 3), KIDUnbiased, "NaN"},
		{"overflow", huge, golden.WaveA(5, 3), KIDUnbiased, "overflow"},
		{"u-statistic of unequal sets", golden.WaveA(5, 3), golden.WaveA(6, 3), KIDUStatistic, "equal size"},
		{"no estimator", golden.WaveA(5, 3), golden.WaveA(5, 3), "", "unknown kid estimator"},
	} {
		_, err := KID(c.x, c.y, c.e)
		assert.ErrorContains(t, err, c.says, c.name)
	}
	x := golden.WaveA(5, 3)
	for _, o := range []KIDOptions{{0, 2, 0, KIDUnbiased}, {1, 1, 0, KIDUnbiased}, {1, 6, 0, KIDUnbiased}} {
		_, err := KIDSubsets(x, x, o)
		assert.ErrorContains(t, err, "2 to 5", "%+v", o)
	}
	_, err := KIDSubsets(x, nil, KIDOptions{1, 2, 0, KIDUnbiased})
	assert.ErrorContains(t, err, "second set is empty")
	_, err = KIDOnSubsets(x, x, [][]int{{0, 5}}, [][]int{{0, 1}}, KIDUnbiased)
	assert.ErrorContains(t, err, "row 5")
	_, err = KIDOnSubsets(x, x, [][]int{{0, 1}}, [][]int{{}}, KIDUnbiased)
	assert.ErrorContains(t, err, "no row")
	_, err = KIDOnSubsets(x, x, [][]int{{0}}, [][]int{{1}}, KIDUnbiased)
	assert.ErrorContains(t, err, "subset 0: kid of 1 and 1")
	_, err = KIDOnSubsets(nil, x, [][]int{{0}}, [][]int{{1}}, KIDUnbiased)
	assert.ErrorContains(t, err, "first set is empty")
	_, err = KIDOnSubsets(x, x, [][]int{{0, 1}}, nil, KIDUnbiased)
	assert.ErrorContains(t, err, "1 and 0 subsets")
}

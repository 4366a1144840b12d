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
)

// moments feeds a set to Moments in batches of the given size.
func moments(t require.TestingT, x *mat.Dense, batch int) *Moments {
	var m Moments
	n, d := x.Dims()
	for lo := 0; lo < n; lo += batch {
		require.NoError(t, m.Update(mat.DenseCopyOf(x.Slice(lo, min(lo+batch, n), 0, d))))
	}
	require.Equal(t, n, m.N())
	return &m
}

func far(d int) []float64 {
	c := make([]float64, d)
	for j := range c {
		c[j] = 1e4 // a mean far from 0 is where E[xxᵀ] − μμᵀ loses its digits
	}
	return c
}

// Batches of any sizes give the same bits, also where the moments are read between them.
func TestMomentsKeepTheirBitsInAnyBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 30).Draw(t, "d")
		n := rapid.OneOf(rapid.IntRange(2, 50), rapid.IntRange(momentsBlock-2, 2*momentsBlock+3)).Draw(t, "n")
		x := golden.Shifted(golden.Normals(rapid.Uint64().Draw(t, "seed"), n, d), far(d))
		whole := moments(t, x, n)
		var parts Moments
		for lo := 0; lo < n; {
			hi := min(n, lo+rapid.OneOf(rapid.IntRange(1, 9), rapid.IntRange(1, n), rapid.Just(momentsBlock)).Draw(t, "batch"))
			if hi < lo+5 {
				hi = min(n, lo+max(5, n/40)) // no more than some 40 batches
			}
			view, ok := x.Slice(lo, hi, 0, d).(*mat.Dense)
			require.True(t, ok)
			require.NoError(t, parts.Update(view))
			require.Less(t, len(parts.pending), momentsBlock*d, "memory is bounded")
			if lo = hi; lo > 1 {
				_, err := parts.Covariance()
				require.NoError(t, err)
				require.Len(t, parts.Mean(), d)
			}
		}
		sameMoments(t, whole, &parts)
	})
}

func sameMoments(t require.TestingT, a, b *Moments) {
	require.Equal(t, a.N(), b.N())
	require.Equal(t, a.Mean(), b.Mean())
	ca, err := a.Covariance()
	require.NoError(t, err)
	cb, err := b.Covariance()
	require.NoError(t, err)
	require.True(t, mat.Equal(ca, cb), "the same bits")
}

// Any order, and any way of merging, gives the same distance to 1e-9.
func TestMomentsDoNotDependOnOrderOrParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := rapid.IntRange(1, 6).Draw(t, "d"), rapid.SampledFrom([]int{8, 40, 1500, 2500}).Draw(t, "n")
		seed := rapid.Uint64().Draw(t, "seed")
		x, y := golden.Shifted(golden.Normals(seed, n, d), far(d)), golden.Shifted(golden.Normals(seed+1, 20, d), far(d))
		mixed := embeddings.Pick(x, rand.New(rand.NewPCG(seed, 2)).Perm(n))

		ref := moments(t, y, 20)
		whole := moments(t, x, n)
		cut := rapid.IntRange(1, n-1).Draw(t, "cut")
		left := moments(t, mat.DenseCopyOf(x.Slice(0, cut, 0, d)), n)
		right := moments(t, mat.DenseCopyOf(x.Slice(cut, n, 0, d)), n)
		kept := right.Mean()
		require.NoError(t, left.Merge(right))
		require.NoError(t, left.Merge(&Moments{}))
		require.NoError(t, left.Merge(nil))
		require.Equal(t, kept, right.Mean(), "what is merged stays")
		var empty Moments
		require.NoError(t, empty.Merge(whole))
		sameMoments(t, whole, &empty)

		want, err := Frechet(whole, ref)
		require.NoError(t, err)
		for name, m := range map[string]*Moments{"order": moments(t, mixed, n), "halves": left} {
			require.Equal(t, n, m.N())
			require.InDeltaSlice(t, whole.Mean(), m.Mean(), 1e-9)
			got, err := Frechet(m, ref)
			require.NoError(t, err)
			require.InDelta(t, want, got, 1e-9*(1+want), name)
		}
	})
}

// Against the definition, two passes over all embeddings.
func TestMomentsAreTheDefinition(t *testing.T) {
	for _, d := range []int{3, 40} {
		const n = 2*momentsBlock + 300
		x := golden.Shifted(golden.Normals(7, n, d), far(d))
		mean, sum := columnMeans(x), mat.NewSymDense(d, nil)
		for i := range n {
			row := mat.NewVecDense(d, nil)
			for j, v := range x.RawRowView(i) {
				row.SetVec(j, v-mean[j])
			}
			sum.SymRankOne(sum, 1./(n-1), row)
		}
		m := moments(t, x, 100)
		c, err := m.Covariance()
		require.NoError(t, err)
		assert.InDeltaSlice(t, mean, m.Mean(), 1e-8)
		assert.True(t, mat.EqualApprox(sum, c, 1e-11))
	}
}

// The divisor is n−1: with n instead, two images a unit apart would have variance ½·½.
func TestCovarianceDividesByNMinusOne(t *testing.T) {
	m := moments(t, mat.NewDense(2, 2, []float64{0, 0, 1, 2}), 1)
	c, err := m.Covariance()
	require.NoError(t, err)
	assert.True(t, mat.EqualApprox(c, mat.NewSymDense(2, []float64{.5, 1, 1, 2}), 1e-15), "%v", mat.Formatted(c))
	assert.InDeltaSlice(t, []float64{.5, 1}, m.Mean(), 1e-15)
}

func TestMomentsErrorsLeaveNoTrace(t *testing.T) {
	bad := golden.Waves(3000, 3, 1, .37, .11, 0)
	bad.Set(2500, 1, math.NaN())
	m := moments(t, golden.WaveA(5, 3), 5)
	unknown, err := MomentsOf(UnknownN, make([]float64, 3), mat.NewDiagDense(3, []float64{1, 1, 1}))
	require.NoError(t, err)
	assert.ErrorContains(t, m.Update(bad), "row 2500 has the value NaN")
	assert.ErrorContains(t, m.Update(nil), "empty")
	assert.ErrorContains(t, m.Update(golden.WaveA(5, 4)), "of 3 coordinates cannot take embeddings of 4")
	assert.ErrorContains(t, m.Merge(moments(t, golden.WaveA(5, 4), 5)), "of 3 coordinates cannot take embeddings of 4")
	assert.ErrorContains(t, m.Merge(unknown), "unknown number")
	assert.ErrorContains(t, unknown.Merge(m), "unknown number")
	assert.ErrorContains(t, unknown.Update(golden.WaveA(5, 3)), "unknown number")
	sameMoments(t, moments(t, golden.WaveA(5, 3), 5), m)

	var empty Moments
	assert.Equal(t, 0, empty.N())
	assert.Nil(t, empty.Mean())
	_, err = empty.Covariance()
	assert.ErrorContains(t, err, "covariance of 0 embeddings: at least 2")
	_, err = moments(t, golden.WaveA(1, 3), 1).Covariance()
	assert.ErrorContains(t, err, "covariance of 1 embeddings: at least 2")
}

func TestMomentsOf(t *testing.T) {
	cov := mat.NewDense(2, 2, []float64{2, .5, .5 + 1e-6, 1})
	for _, n := range []int{UnknownN, 2, 900} {
		m, err := MomentsOf(n, []float64{3, -4}, cov)
		require.NoError(t, err)
		assert.Equal(t, n, m.N())
		assert.Equal(t, []float64{3, -4}, m.Mean())
		c, err := m.Covariance()
		require.NoError(t, err)
		assert.True(t, mat.EqualApprox(mat.NewSymDense(2, []float64{2, .5 + 5e-7, 0, 1}), c, 1e-15), "the mean of both triangles")
	}

	// A set that goes on: known statistics of 30 embeddings, and 20 more.
	x := golden.Normals(1, 50, 4)
	first := moments(t, mat.DenseCopyOf(x.Slice(0, 30, 0, 4)), 30)
	c, err := first.Covariance()
	require.NoError(t, err)
	m, err := MomentsOf(30, first.Mean(), c)
	require.NoError(t, err)
	require.NoError(t, m.Update(mat.DenseCopyOf(x.Slice(30, 50, 0, 4))))
	got, err := m.Covariance()
	require.NoError(t, err)
	want, err := moments(t, x, 50).Covariance()
	require.NoError(t, err)
	assert.Equal(t, 50, m.N())
	assert.True(t, mat.EqualApprox(want, got, 1e-13))
}

func TestMomentsOfRefuses(t *testing.T) {
	two := []float64{0, 0}
	for _, c := range []struct {
		says string
		n    int
		mean []float64
		cov  mat.Matrix
	}{
		{"n ≥ 2", 1, []float64{0}, mat.NewSymDense(1, []float64{1})},
		{"n ≥ 2", -1, []float64{0}, mat.NewSymDense(1, []float64{1})},
		{"and a mean", 9, nil, mat.NewSymDense(1, []float64{1})},
		{"is missing", 9, two, nil},
		{"of 1×1: both must have the same dimension", 9, two, mat.NewSymDense(1, []float64{1})},
		{"of 2×3", 9, two, mat.NewDense(2, 3, nil)},
		{"variance -1 of coordinate 0 is below 0", 9, two, mat.NewSymDense(2, []float64{-1, 0, 0, 1})},
		{"more than the variances", 9, two, mat.NewSymDense(2, []float64{0, 1, 1, 0})},
		{"more than the variances", 9, two, mat.NewSymDense(2, []float64{1, 2, 2, 1})},
		{"variance NaN of coordinate 0", 9, two, mat.NewSymDense(2, []float64{math.NaN(), 0, 0, 1})},
		{"variance +Inf of coordinate 0", 9, two, mat.NewSymDense(2, []float64{math.Inf(1), 0, 0, 1})},
		{"not symmetric", 9, two, mat.NewDense(2, 2, []float64{1, math.NaN(), 0, 1})},
		{"not symmetric", 9, two, mat.NewDense(2, 2, []float64{1, .1, .100002, 1})},
		{"mean NaN", 9, []float64{0, math.NaN()}, mat.NewSymDense(2, []float64{1, 0, 0, 1})},
	} {
		_, err := MomentsOf(c.n, c.mean, c.cov)
		assert.ErrorContains(t, err, c.says)
	}
	slightly, err := MomentsOf(9, two, mat.NewSymDense(2, []float64{1, 1e-9, 1e-9, -1e-9}))
	require.NoError(t, err)
	c, err := slightly.Covariance()
	require.NoError(t, err)
	assert.Zero(t, c.At(1, 1), "a variance below 0 by rounding is 0")
}

// Compact changes no bit of what is read, and updates go on after it.
func TestCompact(t *testing.T) {
	require.NoError(t, (&Moments{}).Compact())
	x := golden.Normals(1, momentsBlock+500, 3)
	a, b := moments(t, x, 100), moments(t, x, 100)
	require.NoError(t, b.Compact())
	assert.Empty(t, b.pending)
	sameMoments(t, a, b)
	require.NoError(t, a.Update(x))
	require.NoError(t, b.Update(x))
	ca, err := a.Covariance()
	require.NoError(t, err)
	cb, err := b.Covariance()
	require.NoError(t, err)
	assert.Equal(t, a.N(), b.N())
	assert.True(t, mat.EqualApprox(ca, cb, 1e-12))
}

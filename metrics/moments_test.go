package metrics

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
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

// Any order and size of batches, and any way of merging, gives the same distance to 1e-9.
func TestMomentsDoNotDependOnBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := rapid.IntRange(1, 6).Draw(t, "d"), rapid.IntRange(8, 40).Draw(t, "n")
		seed := rapid.Uint64().Draw(t, "seed")
		far := make([]float64, d)
		for j := range far {
			far[j] = 1e4 // a mean far from 0 is where E[xxᵀ] − μμᵀ loses its digits
		}
		x, y := shifted(normals(seed, n, d), far), shifted(normals(seed+1, 20, d), far)
		mixed, err := gather(x, rand.New(rand.NewPCG(seed, 2)).Perm(n))
		require.NoError(t, err)

		ref := moments(t, y, 20)
		whole := moments(t, x, n)
		parts := moments(t, mixed, rapid.IntRange(1, n).Draw(t, "batch"))
		left := moments(t, mat.DenseCopyOf(mixed.Slice(0, 3, 0, d)), 1)
		require.NoError(t, left.Merge(moments(t, mat.DenseCopyOf(mixed.Slice(3, n, 0, d)), 5)))
		require.NoError(t, left.Merge(&Moments{}))

		want, err := Frechet(whole, ref)
		require.NoError(t, err)
		for _, m := range []*Moments{parts, left} {
			got, err := Frechet(m, ref)
			require.NoError(t, err)
			require.InDelta(t, want, got, 1e-9*(1+want))
		}
	})
}

// The divisor is n−1: with n instead, two images a unit apart would have variance ½·½.
func TestCovarianceDividesByNMinusOne(t *testing.T) {
	m := moments(t, mat.NewDense(2, 2, []float64{0, 0, 1, 2}), 1)
	c, err := m.Covariance()
	require.NoError(t, err)
	assert.True(t, mat.EqualApprox(c, mat.NewSymDense(2, []float64{.5, 1, 1, 2}), 1e-15), "%v", mat.Formatted(c))
	assert.InDeltaSlice(t, []float64{.5, 1}, m.Mean(), 1e-15)
}

func TestMomentsErrors(t *testing.T) {
	bad := waveA(5, 3)
	bad.Set(2, 1, math.NaN())
	m := moments(t, waveA(5, 3), 5)
	before := m.Mean()
	assert.ErrorContains(t, m.Update(bad), "NaN")
	assert.ErrorContains(t, m.Update(waveA(5, 4)), "of 3 coordinates cannot take embeddings of 4")
	assert.Equal(t, before, m.Mean())
	assert.Equal(t, 5, m.N())

	_, err := MomentsFrom(1, []float64{0}, mat.NewSymDense(1, []float64{1}))
	assert.ErrorContains(t, err, "n ≥ 2")
	_, err = MomentsFrom(9, []float64{0, 0}, mat.NewSymDense(1, []float64{1}))
	assert.ErrorContains(t, err, "same dimension")
	for _, cov := range [][]float64{{-1, 0, 0, 1}, {0, 1, 1, 0}, {1, 2, 2, 1}, {math.NaN(), 0, 0, 1}, {math.Inf(1), 0, 0, 1}} {
		_, err = MomentsFrom(9, []float64{0, 0}, mat.NewSymDense(2, cov))
		assert.Error(t, err, "%v", cov)
	}
}

package sets

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/golden"
)

// Bugs and choices of other codes, each with the value that it would give.

// Divisor n instead of n−1: variances 2/3 and 8/3 for 1 and 4.
func TestFrechetDividesByNMinusOne(t *testing.T) {
	x, y := mat.NewDense(3, 1, []float64{-1, 0, 1}), mat.NewDense(3, 1, []float64{-2, 0, 2})
	m, f := bothWays(t, x, y)
	assert.InDelta(t, 1, m, 1e-12)
	assert.InDelta(t, 1, f, 1e-12)
	assert.Greater(t, math.Abs(m-2./3), 0.3)
}

// A jitter on the diagonal of both covariances (pytorch-fid and clean-fid add 1e-6 once a root is not finite): for
// disjoint supports tr (S₁S₂)^½ is 0, and jitter ε makes it about √ε·(tr S₁^½ + tr S₂^½).
func TestFrechetAddsNothingToTheDiagonal(t *testing.T) {
	const half, n = 20, 30
	a, b := golden.Normals(1, n, 2*half), golden.Normals(2, n, 2*half)
	for i := range n {
		for j := range half {
			a.Set(i, half+j, 0)
			b.Set(i, j, 0)
		}
	}
	ga, err := fromFeatures(a)
	require.NoError(t, err)
	gb, err := fromFeatures(b)
	require.NoError(t, err)
	want := ga.trace + gb.trace
	for j, m := range ga.mean {
		want += (m - gb.mean[j]) * (m - gb.mean[j])
	}
	m, f := bothWays(t, a, b)
	assert.InEpsilon(t, want, m, 1e-12)
	assert.InEpsilon(t, want, f, 1e-12)
}

// The root of a product of singular covariances has an imaginary part by rounding, which others drop after a look at
// its size, or raise an error for. Here nothing is complex: fewer embeddings than coordinates, in any combination, have
// the value that their factors give.
func TestFrechetOfSingularCovariances(t *testing.T) {
	for _, d := range []int{6, 40, 60} {
		sets := map[string]*mat.Dense{
			"few": golden.Normals(1, d/2, d), "as many": golden.Normals(2, d, d), "one more": golden.Normals(3, d+1,
				d), "many": golden.Normals(4, 5*d, d),
			"dependent": golden.Normals(5, 5*d, d), "constant": golden.Normals(6, 3*d, d), "skewed": golden.Normals(7, 4*d, d),
		}
		for i := range 5 * d {
			sets["dependent"].Set(i, d-1, 2*sets["dependent"].At(i, 0)-sets["dependent"].At(i, 1))
		}
		for i := range 3 * d {
			sets["constant"].Set(i, 2, .5)
		}
		sets["skewed"].Apply(func(_, j int, v float64) float64 { return v * math.Pow(10, -6*float64(j)/float64(d)) }, sets["skewed"])
		for nx, x := range sets {
			for ny, y := range sets {
				want := reference(t, x, y)
				m, f := bothWays(t, x, y)
				assert.InEpsilon(t, 1+want, 1+f, 1e-10, "features, %s and %s, d = %d", nx, ny, d)
				assert.InEpsilon(t, 1+want, 1+m, rootTolerance, "moments, %s and %s, d = %d", nx, ny, d)
			}
		}
	}
}

// reference is the distance by singular values of the data's own product, in gonum alone.
func reference(t *testing.T, x, y *mat.Dense) float64 {
	t.Helper()
	centred := func(x *mat.Dense) (*mat.Dense, []float64) {
		n, _ := x.Dims()
		out, mean := mat.DenseCopyOf(x), columnMeans(x)
		subtract(out, mean)
		out.Scale(1/math.Sqrt(float64(n-1)), out)
		return out, mean
	}
	a, ma := centred(x)
	b, mb := centred(y)
	v := math.Pow(mat.Norm(a, 2), 2) + math.Pow(mat.Norm(b, 2), 2)
	for j := range ma {
		v += (ma[j] - mb[j]) * (ma[j] - mb[j])
	}
	var p mat.Dense
	p.Mul(a, b.T())
	var svd mat.SVD
	require.True(t, svd.Factorize(&p, mat.SVDNone))
	for _, s := range svd.Values(nil) {
		v -= 2 * s
	}
	return max(0, v)
}

// Published statistics are often float32: a covariance without full rank then has eigenvalues on both sides of 0.
// They are accepted, and the distance is that of the unrounded ones to float32's digits; what is further off is not.
func TestFrechetOfRoundedStatistics(t *testing.T) {
	const d, n = 60, 40
	x, y := golden.Normals(8, n, d), golden.Normals(9, 400, d)
	a, b := moments(t, x, n), moments(t, y, 100)
	want, err := Frechet(a, b)
	require.NoError(t, err)

	cov, err := a.Covariance()
	require.NoError(t, err)
	rounded := mat.NewDense(d, d, nil)
	rounded.Apply(func(_, _ int, v float64) float64 { return float64(float32(v)) }, cov)
	var e mat.EigenSym
	require.True(t, e.Factorize(symmetric(rounded), false))
	require.Less(t, e.Values(nil)[0], -1e-8, "it is indefinite")
	published, err := MomentsOf(UnknownN, a.Mean(), rounded)
	require.NoError(t, err)
	assert.Equal(t, UnknownN, published.N())
	for _, pair := range [][2]*Moments{{published, b}, {b, published}} {
		got, err := Frechet(pair[0], pair[1])
		require.NoError(t, err)
		assert.InEpsilon(t, want, got, 1e-3)
	}
	got, err := Frechet(published, published)
	require.NoError(t, err)
	assert.InDelta(t, 0, got, 1e-9)

	rounded.Apply(func(i, j int, v float64) float64 {
		if i == j {
			return v - 1e-3
		}
		return v
	}, rounded)
	indefinite, err := MomentsOf(UnknownN, a.Mean(), rounded)
	require.NoError(t, err)
	for _, pair := range [][2]*Moments{{indefinite, b}, {b, indefinite}, {indefinite, indefinite}} {
		_, err = Frechet(pair[0], pair[1])
		assert.ErrorContains(t, err, "not positive semidefinite")
	}
}

func symmetric(a *mat.Dense) *mat.SymDense {
	return mat.NewSymDense(a.RawMatrix().Rows, mat.DenseCopyOf(a).RawMatrix().Data)
}

// Units as small or large as float64 allows change nothing but the unit.
func TestFrechetOfAnyScale(t *testing.T) {
	for _, n := range []int{4, 30} {
		x, y := golden.Normals(1, n, 8), golden.Normals(2, 30, 8)
		want, _ := bothWays(t, x, y)
		for _, scale := range []float64{1e-120, 1e-90, 1e90, 1e120} {
			var u, v mat.Dense
			u.Scale(scale, x)
			v.Scale(scale, y)
			m, f := bothWays(t, &u, &v)
			assert.InEpsilon(t, want*scale*scale, m, 1e-9, "%v", scale)
			assert.InEpsilon(t, want*scale*scale, f, 1e-9, "%v", scale)
		}
	}
}

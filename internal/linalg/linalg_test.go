package linalg

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/torch"
)

// sides are below and above the crossovers, and around the blocks' edges.
var sides = []int{1, 2, 23, 24, 47, 48, 127, 128, 129, 260}

// close wants every element within 1e-12 of the largest.
func closeTo(t *testing.T, want, got mat.Matrix, what string) {
	t.Helper()
	var diff mat.Dense
	diff.Sub(want, got)
	require.LessOrEqual(t, mat.Norm(&diff, math.Inf(1)), 1e-12*mat.Norm(want, math.Inf(1)), what)
}

func TestBothAgree(t *testing.T) {
	for _, d := range sides {
		x, s := normals(uint64(d), d+40, d), covariance(uint64(d+1), d)
		name := fmt.Sprint(d)

		var want mat.Dense
		want.Mul(x.T(), x)
		a, b := mat.NewDense(d, d, nil), mat.NewDense(d, d, nil)
		gonumGram(a, x)
		require.NoError(t, nativeGramUpper(b, x))
		mirror(a)
		mirror(b)
		closeTo(t, &want, a, name)
		closeTo(t, &want, b, name)
		got, err := Gram(x)
		require.NoError(t, err)
		closeTo(t, &want, got, name)

		u, v := mat.NewDense(d, d, nil), mat.NewDense(d, d, nil)
		require.True(t, gonumCholesky(u, s))
		ok, err := nativeCholesky(v, s)
		require.NoError(t, err)
		require.True(t, ok)
		closeTo(t, u, v, name)
		var product mat.Dense
		product.Mul(v.T(), v)
		closeTo(t, s, &product, name)

		small := normals(9, max(1, d/2), d)
		for f, triangular := range map[*mat.Dense]bool{u: true, small: false} {
			m, err := nativeCongruence(f, triangular, s)
			require.NoError(t, err)
			r, _ := f.Dims()
			for i := range r { // above the diagonal it means nothing
				for j := range i {
					m.Set(j, i, m.At(i, j))
				}
			}
			closeTo(t, gonumCongruence(f, s), m, name)
		}

		for _, f := range []func(*mat.Dense) ([]float64, *mat.Dense, error){
			func(s *mat.Dense) ([]float64, *mat.Dense, error) { return gonumEigen(s, true) }, nativeEigen,
		} {
			values, vectors, err := f(s)
			require.NoError(t, err)
			alone, err := nativeEigenvalues(s)
			require.NoError(t, err)
			require.InDeltaSlice(t, values, alone, 1e-12*values[d-1])
			var back, scaled mat.Dense
			scaled.Apply(func(i, _ int, v float64) float64 { return v * values[i] }, vectors)
			back.Mul(vectors.T(), &scaled)
			closeTo(t, s, &back, name)
		}

		one, err := gonumSingular(small, u)
		require.NoError(t, err)
		two, err := nativeSingular(small, u)
		require.NoError(t, err)
		require.InDeltaSlice(t, one, two, 1e-12*one[0])

		for _, f := range []func(*mat.Dense) (*mat.Dense, error){
			func(x *mat.Dense) (*mat.Dense, error) { return gonumTriangle(x), nil }, nativeTriangle, Triangle,
		} {
			r, err := f(x)
			require.NoError(t, err)
			product.Mul(r.T(), r)
			closeTo(t, &want, &product, name)
		}
	}
}

// The same bits on one processor and on three, and once more.
func TestBitsDoNotDependOnProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const d = 400
	x, s := normals(1, 500, d), covariance(2, d)
	var first [][]float64
	for _, p := range []int{1, 3, 2, 3} {
		runtime.GOMAXPROCS(p)
		g, err := Gram(x)
		require.NoError(t, err)
		u, ok, err := Cholesky(g)
		require.NoError(t, err)
		require.True(t, ok)
		values, err := CongruenceEigenvalues(u, true, s)
		require.NoError(t, err)
		rows, err := CongruenceEigenvalues(x, false, s)
		require.NoError(t, err)
		norm, err := NuclearNorm(x, u)
		require.NoError(t, err)
		got := [][]float64{g.RawMatrix().Data, u.RawMatrix().Data, values, rows, {norm}}
		if first == nil {
			first = got
		}
		for i := range got {
			require.Equal(t, first[i], got[i], "%d on %d processors", i, p)
		}
	}
	if blas, ok := torch.BLASThreads(); ok {
		assert.Equal(t, 1, blas, "our workers are the only ones")
	}
}

func TestPartsOfLargerMatrices(t *testing.T) {
	for _, d := range []int{5, 100} {
		big := normals(3, 150, d+7)
		view, ok := big.Slice(10, 140, 3, 3+d).(*mat.Dense)
		require.True(t, ok)
		a, err := Gram(view)
		require.NoError(t, err)
		b, err := Gram(mat.DenseCopyOf(view))
		require.NoError(t, err)
		assert.True(t, mat.Equal(a, b))
	}
}

// A covariance of fewer rows than columns, one with a column that is a sum of others, and one with a constant column
// are refused at any scale of the columns; one that is only badly scaled is not.
func TestCholeskyTellsRank(t *testing.T) {
	for _, d := range []int{3, 30, 200} {
		gram := func(x *mat.Dense) *mat.Dense {
			g, err := Gram(x)
			require.NoError(t, err)
			return g
		}
		scaled := func(x *mat.Dense) *mat.Dense {
			var y mat.Dense
			y.Apply(func(_, j int, v float64) float64 { return v * math.Pow(10, float64(j%9-4)) }, x)
			return &y
		}
		dependent, constant := normals(4, 3*d, d), normals(5, 3*d, d)
		for i := range 3 * d {
			dependent.Set(i, d-1, dependent.At(i, 0)+dependent.At(i, d/2))
			constant.Set(i, d/2, 0)
		}
		for name, c := range map[string]struct {
			x    *mat.Dense
			want bool
		}{
			"full rank":        {normals(1, 3*d, d), true},
			"barely full rank": {normals(2, d, d), true},
			"too few rows":     {normals(3, d-1, d), false},
			"dependent":        {dependent, false},
			"constant":         {constant, false},
		} {
			for _, x := range []*mat.Dense{c.x, scaled(c.x)} {
				u, ok, err := Cholesky(gram(x))
				require.NoError(t, err)
				assert.Equal(t, c.want, ok, "%s, d = %d", name, d)
				assert.Equal(t, c.want, u != nil)
			}
		}
	}
}

func TestNuclearNorm(t *testing.T) {
	// A·Bᵀ = diag(3, 0.5) turned and padded: 3.5
	a := mat.NewDense(2, 3, []float64{3, 0, 0, 0, 1, 0})
	b := mat.NewDense(4, 3, []float64{1, 0, 0, 0, 0, 0, 0, .5, 0, 0, 0, 0})
	got, err := NuclearNorm(a, b)
	require.NoError(t, err)
	assert.InDelta(t, 3.5, got, 1e-15)
	for _, d := range []int{20, 90} { // ‖A·Aᵀ‖_* is the trace
		x := normals(6, d, d+5)
		got, err := NuclearNorm(x, x)
		require.NoError(t, err)
		norm := mat.Norm(x, 2)
		assert.InEpsilon(t, norm*norm, got, 1e-13)
	}
}

// What is not finite is an error or passes through; it never hangs or crashes.
func TestNotFinite(t *testing.T) {
	for _, d := range []int{4, 60} {
		s := covariance(7, d)
		s.Set(d-1, 1, math.NaN())
		s.Set(1, d-1, math.NaN())
		_, ok, err := Cholesky(s)
		require.NoError(t, err)
		assert.False(t, ok)
	}
}

package torch_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

func TestOverWritesIntoTheCallersMemory(t *testing.T) {
	values := []float64{1, 2, 3, 4, 5, 6}
	var pin runtime.Pinner
	defer pin.Unpin()
	noLeak(t, func() {
		on(t, func(s *torch.Scope) {
			x := s.Over(&pin, values, 2, 3)
			assert.Equal(t, values, s.Doubles(x), "row by row")
			s.CopyInto(s.Narrow(x, 1, 1, 1), s.FromDoubles([]float64{-7, -8}, 2, 1))
		})
	})
	assert.Equal(t, []float64{1, -7, 3, 4, -8, 6}, values)

	for want, f := range map[string]func(s *torch.Scope){
		"shape [2 2] cannot lie over 6 values": func(s *torch.Scope) { s.Over(&pin, values, 2, 2) },
		"shape [0] cannot lie over 0 values":   func(s *torch.Scope) { s.Over(&pin, nil, 0) },
	} {
		assert.ErrorContains(t, fails(t, f), want)
	}
}

func TestProductsIntoParts(t *testing.T) {
	noLeak(t, func() {
		on(t, func(s *torch.Scope) {
			a, b := s.FromDoubles([]float64{1, 2, 3, 4}, 2, 2), s.FromDoubles([]float64{5, 6, 7, 8}, 2, 2)
			whole := s.FromDoubles(make([]float64, 12), 3, 4)
			corner := s.Narrow(s.Narrow(whole, 0, 1, 2), 1, 2, 2)
			s.MatmulInto(corner, a, b)
			s.AddMatmul(corner, s.Transpose(a, 0, 1), b)
			// [1 2; 3 4]·[5 6; 7 8] = [19 22; 43 50], [1 3; 2 4]·[5 6; 7 8] = [26 30; 38 44]
			assert.Equal(t, []float64{0, 0, 0, 0, 0, 0, 45, 52, 0, 0, 81, 94}, s.Doubles(whole))
		})
	})
	d := func(s *torch.Scope, shape ...int64) *torch.Tensor {
		n := int64(1)
		for _, k := range shape {
			n *= k
		}
		return s.FromDoubles(make([]float64, n), shape...)
	}
	for want, f := range map[string]func(s *torch.Scope){
		"matmul into of [2 2], [2 3], [2 3]": func(s *torch.Scope) { s.MatmulInto(d(s, 2, 2), d(s, 2, 3), d(s, 2, 3)) },
		"add matmul of [3 3], [2 3], [3 2]":  func(s *torch.Scope) { s.AddMatmul(d(s, 3, 3), d(s, 2, 3), d(s, 3, 2)) },
		"cholesky of [2 3]":                  func(s *torch.Scope) { s.Cholesky(d(s, 2, 3)) },
		"eigh of [2 3]":                      func(s *torch.Scope) { s.Eigen(d(s, 2, 3)) },
		"singular values of [3]":             func(s *torch.Scope) { s.SingularValues(d(s, 3)) },
		"qr of [3]":                          func(s *torch.Scope) { s.Triangle(d(s, 3)) },
		"solve of [2 2], [3 3]":              func(s *torch.Scope) { s.SolveRight(d(s, 2, 2), d(s, 3, 3)) },
		"eigvalsh of [2 3]":                  func(s *torch.Scope) { s.Eigenvalues(d(s, 2, 3)) },
	} {
		noLeak(t, func() { assert.ErrorContains(t, fails(t, f), want) })
	}
}

func TestCholeskyAndEigen(t *testing.T) {
	on(t, func(s *torch.Scope) {
		a := s.FromDoubles([]float64{4, 99, 99, 2, 10, 99, -2, 5, 6}, 3, 3) // 99: not read
		l, ok := s.Cholesky(a)
		require.True(t, ok)
		assert.InDeltaSlice(t, []float64{2, 0, 0, 1, 3, 0, -1, 2, 1}, s.Doubles(l), 1e-15)

		_, ok = s.Cholesky(s.FromDoubles([]float64{1, 2, 2, 1}, 2, 2)) // eigenvalues 3 and −1
		assert.False(t, ok)
		require.NoError(t, s.Err(), "an indefinite matrix is an answer, not an error")

		values, vectors := s.Eigen(s.FromDoubles([]float64{2, 99, 1, 2}, 2, 2)) // (1, ∓1)/√2
		assert.InDeltaSlice(t, []float64{1, 3}, s.Doubles(values), 1e-15)
		v := s.Doubles(vectors)
		assert.InDelta(t, -0.5, v[0]*v[2], 1e-15)
		assert.InDelta(t, 0.5, v[1]*v[3], 1e-15)
	})
}

func TestSingle(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := torch.Threads()
	defer torch.SetThreads(before)
	torch.SetThreads(3)
	restore := torch.Single()
	assert.Equal(t, 1, torch.Threads())
	if blas, ok := torch.BLASThreads(); ok {
		assert.Equal(t, 1, blas)
	}
	restore()
	assert.Equal(t, 3, torch.Threads())
}

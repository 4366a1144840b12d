package linalg

import (
	"runtime"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/torch"
)

// Where libtorch overtakes gonum, by BenchmarkCrossover on 2 cores: its calls cost some microseconds, its kernels are
// several times faster.
const (
	nativeSquare = 48 // side of a square matrix, for factorisations, eigenvalues and singular values
	nativeGram   = 24 // columns of a product with itself
)

// native runs f in a scope on one OS thread with one thread of BLAS. pin holds Go memory for torch.Scope.Over.
func native(f func(s *torch.Scope, pin *runtime.Pinner) error) error {
	var pin runtime.Pinner
	defer pin.Unpin() // after the scope has closed
	return torch.With(torch.CPU, func(s *torch.Scope) error {
		defer torch.Single()()
		var err error
		s.NoGrad(func() { err = f(s, &pin) })
		return err
	})
}

// each runs f(s, i) for i in [0, n), on as many goroutines as there are processors. Every f writes its own part, so
// that the order in which they run changes nothing.
func each(n int, f func(s *torch.Scope, i int)) error {
	workers := min(n, runtime.GOMAXPROCS(0))
	var next atomic.Int64
	errs := make([]error, workers)
	work := func(w int) {
		errs[w] = native(func(s *torch.Scope, _ *runtime.Pinner) error {
			for i := int(next.Add(1)) - 1; i < n && s.Err() == nil; i = int(next.Add(1)) - 1 {
				f(s, i)
			}
			return s.Err()
		})
	}
	if workers == 1 {
		work(0)
		return errs[0]
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { work(w) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// over lays a tensor over a matrix that has no gaps between its rows.
func over(s *torch.Scope, pin *runtime.Pinner, m *mat.Dense) *torch.Tensor {
	r := m.RawMatrix()
	if r.Stride != r.Cols {
		r = mat.DenseCopyOf(m).RawMatrix()
	}
	return s.Over(pin, r.Data[:r.Rows*r.Cols], int64(r.Rows), int64(r.Cols))
}

// part is a view of rows [i0, i1) and columns [j0, j1).
func part(s *torch.Scope, t *torch.Tensor, i0, i1, j0, j1 int) *torch.Tensor {
	return s.Narrow(s.Narrow(t, 0, int64(i0), int64(i1-i0)), 1, int64(j0), int64(j1-j0))
}

func transposed(s *torch.Scope, t *torch.Tensor) *torch.Tensor { return s.Transpose(t, 0, 1) }

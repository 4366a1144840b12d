package torch

// #include <stdint.h>
// #include <stddef.h>
// void *at_tensor_of_blob(void *data, int64_t *dims, size_t ndims, int64_t *strides, size_t nstrides, int type, int device);
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"

	lib "github.com/sugarme/gotch/libtch"
)

// Dense linear algebra in float64, by the LAPACK and BLAS that libtorch was linked with. All of it runs on the CPU.

// Over makes a tensor of the caller's own memory, without a copy: what is written into the tensor is written into
// values. pin holds the memory in its place; unpin it only after the scope has closed. Float64 on the CPU alone.
func (s *Scope) Over(pin *runtime.Pinner, values []float64, shape ...int64) *Tensor {
	if s.dev != CPU {
		s.Fail(fmt.Errorf("tensor over the host's memory: the scope is on %s, want cpu", s.dev))
	}
	if numel(shape) != len(values) || len(values) == 0 {
		s.Fail(fmt.Errorf("tensor of shape %v cannot lie over %d values", shape, len(values)))
	}
	if s.err != nil {
		return &Tensor{}
	}
	strides, step := make([]int64, len(shape)+1), int64(1) // one more: never the address of an empty slice
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = step
		step *= shape[i]
	}
	pin.Pin(&values[0])
	dims, n := ints(shape)
	return s.op("tensor over memory", func(o *lib.Ctensor) {
		*o = lib.Ctensor(C.at_tensor_of_blob(unsafe.Pointer(&values[0]), (*C.int64_t)(&dims[0]), C.size_t(n),
			(*C.int64_t)(&strides[0]), C.size_t(n), kindDouble, C.int(CPU)))
	})
}

// MatmulInto writes the product of two matrices into dst, which may be a part of a larger one.
func (s *Scope) MatmulInto(dst, a, b *Tensor) {
	s.inPlace("matmul into", func(o *lib.Ctensor) { lib.AtgMmOut(o, dst.c, a.c, b.c) }, dst, a, b)
}

// AddMatmul adds the product of two matrices to dst, which may be a part of a larger one.
func (s *Scope) AddMatmul(dst, a, b *Tensor) {
	s.inPlace("add matmul", func(o *lib.Ctensor) { lib.AtgAddmm_(o, dst.c, a.c, b.c) }, dst, a, b)
}

// Cholesky is the lower triangle L of a = LLᵀ and true, or false where a is not positive definite. Only a's lower
// triangle is read.
func (s *Scope) Cholesky(a *Tensor) (*Tensor, bool) {
	l, info := s.two("cholesky", func(o *lib.Ctensor) { lib.AtgLinalgCholeskyEx(o, a.c, 0, 0) }, a)
	if s.err != nil {
		return l, false
	}
	var failed int32
	s.copyOut(info, unsafe.Pointer(&failed), 1, 4)
	return l, failed == 0
}

// SolveRight is X in X·a = b for an upper triangular a.
func (s *Scope) SolveRight(a, b *Tensor) *Tensor {
	return s.op("solve", func(o *lib.Ctensor) { lib.AtgLinalgSolveTriangular(o, a.c, b.c, 1, 0, 0) }, a, b)
}

// Eigenvalues of a symmetric matrix, ascending. Only the lower triangle is read; LAPACK gets it as the upper one of
// the columns that a row-major matrix is to it, which saves turning it around.
func (s *Scope) Eigenvalues(a *Tensor) *Tensor {
	t := s.Transpose(a, -2, -1)
	return s.op("eigvalsh", func(o *lib.Ctensor) { lib.AtgLinalgEigvalsh(o, t.c, "U") }, a)
}

// Eigen gives the eigenvalues of a symmetric matrix, ascending, and their eigenvectors, the columns of the second.
func (s *Scope) Eigen(a *Tensor) (values, vectors *Tensor) {
	return s.two("eigh", func(o *lib.Ctensor) { lib.AtgLinalgEigh(o, a.c, "L") }, a)
}

// SingularValues are those of a matrix, descending.
func (s *Scope) SingularValues(a *Tensor) *Tensor {
	return s.op("singular values", func(o *lib.Ctensor) { lib.AtgLinalgSvdvals(o, a.c, "") }, a)
}

// Triangle is the upper triangular R of the decomposition a = QR.
func (s *Scope) Triangle(a *Tensor) *Tensor {
	_, r := s.two("qr", func(o *lib.Ctensor) { lib.AtgLinalgQr(o, a.c, "r") }, a)
	return r
}

// two runs an operation that writes two new handles.
func (s *Scope) two(name string, f func(out *lib.Ctensor), in ...*Tensor) (first, second *Tensor) {
	var both [2]lib.Ctensor
	first = s.op(name, func(o *lib.Ctensor) {
		f(&both[0])
		*o = both[0]
	}, in...)
	if s.err != nil {
		return first, &Tensor{}
	}
	return first, s.own(both[1])
}

// Single holds libtorch and OpenBLAS at one thread each for what the calling OS thread does next, and returns what
// takes libtorch's number back: code that has its own workers calls it in each of them.
func Single() (restore func()) {
	before := Threads()
	if blas, ok := BLASThreads(); before != 1 || ok && blas != 1 {
		SetThreads(1)
	}
	return func() {
		if before != 1 {
			SetThreads(before)
		}
	}
}

// Package linalg is the dense float64 linear algebra of the metrics: gonum's types in and out, computed by libtorch's
// LAPACK and BLAS where matrices are large and by gonum where they are small.
//
// Which of the two computes depends on the shapes alone, and large work is cut into blocks of fixed size that at most
// runtime.GOMAXPROCS(0) goroutines share, each with one thread of libtorch and of OpenBLAS. So the same input gives
// the same bits, whatever the number of processors and whatever else runs.
package linalg

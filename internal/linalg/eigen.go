package linalg

import (
	"errors"
	"runtime"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/torch"
)

var errConverge = errors.New("eigenvalues or singular values did not converge: look for extreme values")

// Eigenvalues are those of a symmetric matrix, ascending. Only the lower triangle is read.
func Eigenvalues(a *mat.Dense) ([]float64, error) {
	if d, _ := a.Dims(); d < nativeSquare {
		v, _, err := gonumEigen(a, false)
		return v, err
	}
	return nativeEigenvalues(a)
}

func nativeEigenvalues(a *mat.Dense) (values []float64, err error) {
	err = native(func(s *torch.Scope, pin *runtime.Pinner) error {
		values = s.Doubles(s.Eigenvalues(over(s, pin, a)))
		return s.Err()
	})
	return values, err
}

// Eigen gives the eigenvalues of a symmetric matrix, ascending, and the eigenvectors, the rows of the second. Only the
// lower triangle is read.
func Eigen(a *mat.Dense) ([]float64, *mat.Dense, error) {
	if d, _ := a.Dims(); d < nativeSquare {
		return gonumEigen(a, true)
	}
	return nativeEigen(a)
}

func nativeEigen(a *mat.Dense) (values []float64, vectors *mat.Dense, err error) {
	d, _ := a.Dims()
	vectors = mat.NewDense(d, d, nil)
	err = native(func(s *torch.Scope, pin *runtime.Pinner) error {
		w, columns := s.Eigen(over(s, pin, a))
		values = s.Doubles(w)
		s.CopyInto(over(s, pin, vectors), transposed(s, columns))
		return s.Err()
	})
	return values, vectors, err
}

func gonumEigen(a *mat.Dense, vectors bool) ([]float64, *mat.Dense, error) {
	d, _ := a.Dims()
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(d, mat.DenseCopyOf(a.T()).RawMatrix().Data), vectors) { // it reads the upper triangle
		return nil, nil, errConverge
	}
	if !vectors {
		return e.Values(nil), nil, nil
	}
	var columns mat.Dense
	e.VectorsTo(&columns)
	return e.Values(nil), mat.DenseCopyOf(columns.T()), nil
}

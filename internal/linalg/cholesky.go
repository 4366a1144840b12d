package linalg

import (
	"runtime"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/torch"
)

// eps is the distance from 1 to the next float64.
const eps = 0x1p-52

// Cholesky is the upper triangle U of S = UᵀU; zeros lie below it. Only S's upper triangle is read.
//
// ok is false where S is not positive definite to rounding: some pivot u² is no more than 4·d·ε of its diagonal
// element s. That ratio is 1−R² of one coordinate's regression on those before it: the test knows no scale, and
// nothing is added to the diagonal.
func Cholesky(a *mat.Dense) (u *mat.Dense, ok bool, err error) {
	d, _ := a.Dims()
	u = mat.NewDense(d, d, nil)
	if d < nativeSquare {
		ok = gonumCholesky(u, a)
	} else {
		ok, err = nativeCholesky(u, a)
	}
	if !ok || err != nil {
		return nil, false, err
	}
	for i := range d {
		if v := u.At(i, i); !(v*v > 4*float64(d)*eps*a.At(i, i)) {
			return nil, false, nil
		}
	}
	return u, true, nil
}

func gonumCholesky(u, a *mat.Dense) bool {
	var c mat.Cholesky
	if !c.Factorize(mat.NewSymDense(a.RawMatrix().Rows, mat.DenseCopyOf(a).RawMatrix().Data)) {
		return false
	}
	u.Copy(c.RawU())
	return true
}

// nativeCholesky works on panels of rows, each looking back at those above it: most of the work is products with
// short and wide results, which BLAS does best. Columns are cut into strips for the workers.
func nativeCholesky(u, a *mat.Dense) (bool, error) {
	d, _ := a.Dims()
	for i := range d {
		copy(u.RawRowView(i)[i:], a.RawRowView(i)[i:])
	}
	positive := true
	err := native(func(s *torch.Scope, pin *runtime.Pinner) error {
		t := over(s, pin, u)
		for lo := 0; lo < d && positive; lo += block {
			var err error
			if positive, err = panel(t, d, lo); err != nil {
				return err
			}
		}
		return nil
	})
	return positive, err
}

// panel finishes rows [lo, lo+block) of the factor.
func panel(u *torch.Tensor, d, lo int) (positive bool, err error) {
	const strip = 512
	strips := func(from int, f func(s *torch.Scope, from, to int)) error {
		return each((d-from+strip-1)/strip, func(s *torch.Scope, i int) { f(s, from+i*strip, min(from+(i+1)*strip, d)) })
	}
	hi := min(lo+block, d)
	err = torch.With(torch.CPU, func(own *torch.Scope) error {
		if lo > 0 {
			above := transposed(own, own.Neg(part(own, u, 0, lo, lo, hi)))
			err := strips(lo, func(s *torch.Scope, from, to int) {
				s.AddMatmul(part(s, u, lo, hi, from, to), above, part(s, u, 0, lo, from, to))
			})
			if err != nil {
				return err
			}
		}
		diagonal := part(own, u, lo, hi, lo, hi)
		var l *torch.Tensor
		if l, positive = own.Cholesky(transposed(own, diagonal)); !positive {
			return own.Err()
		}
		corner := transposed(own, l)
		own.CopyInto(diagonal, corner)
		return strips(hi, func(s *torch.Scope, from, to int) {
			// cornerᵀ·X = B is solved as Xᵀ·corner = Bᵀ: in this layout nothing has to be turned around.
			right := part(s, u, lo, hi, from, to)
			s.CopyInto(right, transposed(s, s.SolveRight(corner, transposed(s, right))))
		})
	})
	return positive, err
}

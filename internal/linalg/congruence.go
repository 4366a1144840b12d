package linalg

import (
	"runtime"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/torch"
)

// CongruenceEigenvalues are the eigenvalues of F·S·Fᵀ, ascending, for F of r rows and d columns and a symmetric S with
// both triangles filled. They are those of S·FᵀF without d−r zeros, and real because F·S·Fᵀ is symmetric.
//
// triangular says that F is upper triangular (r = d). Then only what is not zero is multiplied, and of the symmetric
// product only one triangle is made: d³ operations instead of 4d³.
func CongruenceEigenvalues(f *mat.Dense, triangular bool, s *mat.Dense) ([]float64, error) {
	r, _ := f.Dims()
	if r < nativeSquare {
		return Eigenvalues(gonumCongruence(f, s))
	}
	m, err := nativeCongruence(f, triangular, s)
	if err != nil {
		return nil, err
	}
	return Eigenvalues(m)
}

func gonumCongruence(f, s *mat.Dense) *mat.Dense {
	var v, m mat.Dense
	v.Mul(f, s)
	m.Mul(&v, f.T())
	return &m
}

// nativeCongruence makes the lower triangle of F·S·Fᵀ; what lies above it means nothing.
func nativeCongruence(f *mat.Dense, triangular bool, s *mat.Dense) (*mat.Dense, error) {
	r, d := f.Dims()
	// With a triangle, one square holds V = F·S on and above the diagonal, where it is needed, and below it V·Fᵀ.
	m := mat.NewDense(r, r, nil)
	v := m
	if !triangular {
		v = mat.NewDense(r, d, nil)
	}
	start := func(row int) int { // where a row of F begins
		if triangular {
			return row
		}
		return 0
	}
	blocks := (r + block - 1) / block
	corners := make([]*mat.Dense, blocks) // the blocks on the diagonal, until V is no longer needed
	err := native(func(scope *torch.Scope, pin *runtime.Pinner) error {
		ft, st, vt, mt := over(scope, pin, f), over(scope, pin, s), over(scope, pin, v), over(scope, pin, m)
		ct := make([]*torch.Tensor, blocks)
		for b := range corners {
			side := min(block, r-b*block)
			corners[b] = mat.NewDense(side, side, nil)
			ct[b] = over(scope, pin, corners[b])
		}
		err := each(blocks, func(s *torch.Scope, b int) {
			lo, hi := b*block, min((b+1)*block, r)
			j := start(lo)
			s.MatmulInto(part(s, vt, lo, hi, j, d), part(s, ft, lo, hi, j, d), part(s, st, j, d, j, d))
		})
		if err != nil {
			return err
		}
		return each(blocks, func(s *torch.Scope, b int) {
			lo, hi := b*block, min((b+1)*block, r)
			j := start(lo)
			rows := part(s, ft, lo, hi, j, d)
			if lo > 0 {
				s.MatmulInto(part(s, mt, lo, hi, 0, lo), rows, transposed(s, part(s, vt, 0, lo, j, d)))
			}
			s.MatmulInto(ct[b], rows, transposed(s, part(s, vt, lo, hi, j, d)))
		})
	})
	if err != nil {
		return nil, err
	}
	for b, c := range corners {
		for i := range c.RawMatrix().Rows {
			copy(m.RawRowView(b*block + i)[b*block:], c.RawRowView(i))
		}
	}
	return m, nil
}

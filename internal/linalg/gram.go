package linalg

import (
	"runtime"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/torch"
)

// block is the side of the blocks that large products are cut into.
const block = 128

// Gram is XᵀX, with both triangles filled. It costs n·d² operations for X of n rows and d columns, half of a plain
// product's.
func Gram(x *mat.Dense) (*mat.Dense, error) {
	_, d := x.Dims()
	out := mat.NewDense(d, d, nil)
	if d < nativeGram {
		gonumGram(out, x)
	} else if err := nativeGramUpper(out, x); err != nil {
		return nil, err
	}
	mirror(out)
	return out, nil
}

func gonumGram(out, x *mat.Dense) {
	mat.NewSymDense(out.RawMatrix().Rows, out.RawMatrix().Data).SymOuterK(1, x.T())
}

func nativeGramUpper(out, x *mat.Dense) error {
	n, d := x.Dims()
	return native(func(s *torch.Scope, pin *runtime.Pinner) error {
		xt, g := over(s, pin, x), over(s, pin, out)
		return each((d+block-1)/block, func(s *torch.Scope, b int) {
			lo, hi := b*block, min((b+1)*block, d)
			s.MatmulInto(part(s, g, lo, hi, lo, d), transposed(s, part(s, xt, 0, n, lo, hi)), part(s, xt, 0, n, lo, d))
		})
	})
}

// mirror copies the upper triangle to the lower, in tiles that stay in the cache.
func mirror(a *mat.Dense) {
	const tile = 32
	r := a.RawMatrix()
	for i0 := 0; i0 < r.Rows; i0 += tile {
		for j0 := i0; j0 < r.Rows; j0 += tile {
			for j := j0; j < min(j0+tile, r.Rows); j++ {
				for i := i0; i < min(i0+tile, j); i++ {
					r.Data[j*r.Stride+i] = r.Data[i*r.Stride+j]
				}
			}
		}
	}
}

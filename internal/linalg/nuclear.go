package linalg

import (
	"runtime"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/torch"
)

// NuclearNorm is the sum of the singular values of A·Bᵀ, for A and B with as many columns. With S = AᵀA and T = BᵀB it
// is tr (ST)^½: real, without squaring either's condition, and also where S and T have no full rank.
func NuclearNorm(a, b *mat.Dense) (float64, error) {
	r, _ := a.Dims()
	c, _ := b.Dims()
	f := nativeSingular
	if min(r, c) < nativeSquare {
		f = gonumSingular
	}
	values, err := f(a, b)
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum, err
}

func gonumSingular(a, b *mat.Dense) ([]float64, error) {
	var p mat.Dense
	p.Mul(a, b.T())
	var svd mat.SVD
	if !svd.Factorize(&p, mat.SVDNone) {
		return nil, errConverge
	}
	return svd.Values(nil), nil
}

func nativeSingular(a, b *mat.Dense) (values []float64, err error) {
	r, d := a.Dims()
	c, _ := b.Dims()
	p := mat.NewDense(r, c, nil)
	err = native(func(s *torch.Scope, pin *runtime.Pinner) error {
		at, bt, pt := over(s, pin, a), over(s, pin, b), over(s, pin, p)
		err := each((r+block-1)/block, func(s *torch.Scope, i int) {
			lo, hi := i*block, min((i+1)*block, r)
			s.MatmulInto(part(s, pt, lo, hi, 0, c), part(s, at, lo, hi, 0, d), transposed(s, bt))
		})
		if err != nil {
			return err
		}
		values = s.Doubles(s.SingularValues(pt))
		return s.Err()
	})
	return values, err
}

// Triangle is the upper triangular R, d×d, of the decomposition X = QR of n ≥ d rows: RᵀR = XᵀX.
func Triangle(x *mat.Dense) (*mat.Dense, error) {
	if _, d := x.Dims(); d < nativeSquare {
		return gonumTriangle(x), nil
	}
	return nativeTriangle(x)
}

func gonumTriangle(x *mat.Dense) *mat.Dense {
	_, d := x.Dims()
	var qr mat.QR
	qr.Factorize(x)
	var r mat.Dense
	qr.RTo(&r)
	return mat.DenseCopyOf(r.Slice(0, d, 0, d))
}

func nativeTriangle(x *mat.Dense) (*mat.Dense, error) {
	_, d := x.Dims()
	r := mat.NewDense(d, d, nil)
	err := native(func(s *torch.Scope, pin *runtime.Pinner) error {
		s.CopyInto(over(s, pin, r), s.Triangle(over(s, pin, x)))
		return s.Err()
	})
	return r, err
}

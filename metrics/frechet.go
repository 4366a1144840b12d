package metrics

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Frechet is the squared Fréchet (2-Wasserstein) distance of the Gaussians with these moments,
//
//	‖μ₁−μ₂‖² + tr S₁ + tr S₂ − 2 tr (S₁S₂)^½
//
// (Dowson & Landau 1982; Heusel et al. 2017, eq. 6), in the square of the embeddings' unit. Lower is better, 0 means
// equal moments; for finite samples it is biased upwards, more so for small n, so n belongs to its identity.
//
// No matrix root is taken: with S = FᵀF, tr (S₁S₂)^½ is the sum of the singular values of F₁F₂ᵀ, which is real
// and needs no full rank. F is a pivoted Cholesky factor. Where n ≤ d and the embeddings are at hand,
// FrechetFeatures is more exact. Fewer than two embeddings and unequal dimensions are errors.
func Frechet(a, b *Moments) (float64, error) {
	fa, err := factorMoments(a)
	if err != nil {
		return 0, fmt.Errorf("fréchet distance, first set: %w", err)
	}
	fb, err := factorMoments(b)
	if err != nil {
		return 0, fmt.Errorf("fréchet distance, second set: %w", err)
	}
	return frechet(fa, fb)
}

// FrechetFeatures is Frechet of two sets of embeddings, one a row. It factorises the centred data themselves and
// never squares their condition: with n ≤ d they are their own factor, else R of their QR decomposition is.
func FrechetFeatures(x, y *mat.Dense) (float64, error) {
	if _, _, err := checkPair("first set", x, "second set", y); err != nil {
		return 0, fmt.Errorf("fréchet distance: %w", err)
	}
	fx, err := factorData(x)
	if err != nil {
		return 0, fmt.Errorf("fréchet distance, first set: %w", err)
	}
	fy, err := factorData(y)
	if err != nil {
		return 0, fmt.Errorf("fréchet distance, second set: %w", err)
	}
	return frechet(fx, fy)
}

var errRange = errors.New("the squares of the embeddings exceed the range of float64: rescale the features")

// gaussian is a mean and a factor F (rank×d, nil for rank 0) of the covariance FᵀF.
type gaussian struct {
	mean   []float64
	factor *mat.Dense
}

func factorMoments(m *Moments) (gaussian, error) {
	if m == nil {
		return gaussian{}, errors.New("no moments are given")
	}
	s, err := m.Covariance()
	if err != nil {
		return gaussian{}, err
	}
	if !finite(mat.Trace(s)) {
		return gaussian{}, errRange
	}
	var c mat.PivotedCholesky
	c.Factorize(s, -1)
	g := gaussian{mean: m.mean}
	if r, d := c.Rank(), len(m.mean); r > 0 {
		g.factor = mat.NewDense(r, d, nil)
		u := c.RawU()
		for j, p := range c.ColumnPivots(nil) {
			for i := range min(j+1, r) {
				g.factor.Set(i, p, u.At(i, j))
			}
		}
	}
	if t := mat.Trace(s); math.Abs(t-g.trace()) > 1e-6*t {
		return gaussian{}, fmt.Errorf("covariance of trace %v is not positive semidefinite", t)
	}
	return g, nil
}

func factorData(x *mat.Dense) (gaussian, error) {
	n, d := x.Dims()
	if n < 2 {
		return gaussian{}, fmt.Errorf("covariance of %d embeddings: at least 2 are needed", n)
	}
	mean, f := centre(x)
	f.Scale(1/math.Sqrt(float64(n-1)), f)
	if !finite(gaussian{mean: mean, factor: f}.trace()) {
		return gaussian{}, errRange
	}
	if n > d {
		var qr mat.QR
		qr.Factorize(f)
		var r mat.Dense
		qr.RTo(&r)
		f = mat.DenseCopyOf(r.Slice(0, d, 0, d))
	}
	return gaussian{mean: mean, factor: f}, nil
}

// trace is the trace of the covariance, ‖F‖²_F.
func (g gaussian) trace() float64 {
	if g.factor == nil {
		return 0
	}
	norm := mat.Norm(g.factor, 2)
	return norm * norm
}

func frechet(a, b gaussian) (float64, error) {
	if len(a.mean) != len(b.mean) {
		return 0, fmt.Errorf("fréchet distance of embeddings of %d and %d coordinates: both must come from the same features", len(a.mean), len(b.mean))
	}
	shift := 0.0
	for j, m := range a.mean {
		shift += (m - b.mean[j]) * (m - b.mean[j])
	}
	root := 0.0
	if a.factor != nil && b.factor != nil {
		var p mat.Dense
		p.Mul(a.factor, b.factor.T())
		var svd mat.SVD
		if !svd.Factorize(&p, mat.SVDNone) {
			return 0, errors.New("fréchet distance: the singular values did not converge: look for extreme values in the embeddings")
		}
		for _, v := range svd.Values(nil) {
			root += v
		}
	}
	spread := a.trace() + b.trace()
	v := shift + spread - 2*root
	if !finite(v) || v < -1e-8*(shift+spread) {
		return 0, fmt.Errorf("fréchet distance: %w", errRange)
	}
	return max(0, v), nil // what is left below 0 is rounding
}

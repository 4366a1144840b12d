// Package sets measures sets of images by their embeddings: the Fréchet distance (FID) from features or streamed
// moments, FID∞, KID with an interval, precision, recall, density and coverage, and CMMD, each as a plain function.
//
// A set is a gonum matrix with one embedding a row (see [metrics.Embeddings]). No function returns NaN or an infinity:
// what is undefined is an error. Large products are libtorch's, which this package links; metrics that need none are in
// the package metrics.
package sets

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/embeddings"
)

// Frechet is the squared Fréchet (2-Wasserstein) distance of the Gaussians with these moments,
//
//	‖μ₁−μ₂‖² + tr S₁ + tr S₂ − 2 tr (S₁S₂)^½
//
// (Dowson & Landau 1982; Heusel et al. 2017, eq. 6), in the square of the embeddings' unit. Lower is better, 0 means
// equal moments; for finite samples it is biased upwards, more so for small n, so n belongs to its identity.
//
// No matrix root is taken, no imaginary part is dropped and nothing is added to a diagonal. With S₁ = FᵀF the trace is
// the sum of the square roots of the eigenvalues of the symmetric F·S₂·Fᵀ, where F is
//
//   - the Cholesky factor, if S₁ is positive definite to rounding (see internal/linalg.Cholesky for the test);
//   - else √Λ·Vᵀ of its eigenvalues above 4·d·ε of the largest.
//
// The sum of roots carries a bound of its error, from ε‖S₁‖‖S₂‖. Where that exceeds 1e-9 of tr S₁ + tr S₂, as it does
// if S₂ is singular, the other covariance is factorised too, and the trace is the sum of the singular values of F₁F₂ᵀ.
// The covariance of fewer embeddings, where they are no more than the coordinates, is taken as S₁.
//
// A covariance from elsewhere may have eigenvalues below 0 by rounding, as far as independent errors of 2⁻²⁰ of the
// largest variance push them (4√d times that); they count as 0. More is an error, as are fewer than two embeddings and
// unequal dimensions.
func Frechet(a, b *Moments) (float64, error) {
	ga, err := fromMoments(a)
	if err != nil {
		return 0, fmt.Errorf("fréchet distance, first set: %w", err)
	}
	gb, err := fromMoments(b)
	if err != nil {
		return 0, fmt.Errorf("fréchet distance, second set: %w", err)
	}
	return frechet(ga, gb)
}

// FrechetFeatures is Frechet of two sets of embeddings, one a row. With n ≤ d, or where moments lose digits, it
// factorises the centred data themselves and never squares their condition: with n ≤ d they are their own factor, else
// R of their QR decomposition is.
func FrechetFeatures(x, y *mat.Dense) (float64, error) {
	if _, _, err := embeddings.CheckPair("first set", x, "second set", y); err != nil {
		return 0, fmt.Errorf("fréchet distance: %w", err)
	}
	gx, err := fromFeatures(x)
	if err != nil {
		return 0, fmt.Errorf("fréchet distance, first set: %w", err)
	}
	gy, err := fromFeatures(y)
	if err != nil {
		return 0, fmt.Errorf("fréchet distance, second set: %w", err)
	}
	return frechet(gx, gy)
}

var errRange = errors.New("the squares of the embeddings exceed the range of float64: rescale the features")

func frechet(a, b *gaussian) (float64, error) {
	if len(a.mean) != len(b.mean) {
		return 0, fmt.Errorf("fréchet distance of embeddings of %d and %d coordinates: both must come from the same features",
			len(a.mean), len(b.mean))
	}
	shift := 0.0
	for j, m := range a.mean {
		shift += (m - b.mean[j]) * (m - b.mean[j])
	}
	root, err := traceOfRoot(a, b)
	if err != nil {
		return 0, fmt.Errorf("fréchet distance: %w", err)
	}
	spread := a.trace + b.trace
	v := shift + spread - 2*root
	if !finite(v) || v < -1e-8*(shift+spread) {
		return 0, fmt.Errorf("fréchet distance: %w", errRange)
	}
	return max(0, v), nil // what is left below 0 is rounding
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

package sets

import (
	"math"

	"github.com/lethe-audit/lethe/internal/linalg"
)

// rootTolerance is the largest error of a trace of roots that eigenvalues may leave, as a fraction of tr S₁ + tr S₂.
const rootTolerance = 1e-9

// traceOfRoot is tr (S₁S₂)^½. See Frechet for which way is taken when.
func traceOfRoot(a, b *gaussian) (float64, error) {
	if a.trace == 0 || b.trace == 0 {
		return 0, nil
	}
	if b.maxRank() < a.maxRank() {
		a, b = b, a
	}
	if b.centred == nil || !b.few() { // else the product of the data's factors is smaller than any covariance
		sure, root, err := rootByEigenvalues(a, b)
		if sure || err != nil {
			return root, err
		}
		if fa, fb, err := factors(a, b); err != nil {
			return 0, err
		} else if fb.rank() < fa.rank() && a.scatter != nil {
			sure, root, err = rootByEigenvalues(b, a)
			if sure || err != nil {
				return root, err
			}
		}
	}
	fa, err := a.exact()
	if err != nil {
		return 0, err
	}
	fb, err := b.exact()
	if err != nil || fa.rank() == 0 || fb.rank() == 0 {
		return 0, err
	}
	v, err := linalg.NuclearNorm(fa.rows, fb.rows)
	return v * a.unit * b.unit, err
}

// rootByEigenvalues sums the roots of the eigenvalues of F·S·Fᵀ for a's factor F and b's covariance S, and tells
// whether the sum is sure to be within rootTolerance.
//
// Rounding moves each eigenvalue λ by about δ = ε‖S₁‖‖S₂‖ and its root by half of δ/√λ, upwards or downwards, so that
// over all of them δ·√Σ(1/λ) is a generous bound. Where λ itself is no more than a few δ, which is what the eigenvalues
// of a singular product look like, all that is left of it may be wrong, and always upwards: √(λ+δ) each.
func rootByEigenvalues(a, b *gaussian) (sure bool, root float64, err error) {
	f, err := a.factor()
	if err != nil || f.rank() == 0 {
		return err == nil, 0, err
	}
	values, err := linalg.CongruenceEigenvalues(f.rows, f.triangular, b.scatter)
	if err != nil {
		return false, 0, err
	}
	delta := 0x1p-52 * a.norm() * b.norm()
	sure = values[0] >= -delta
	bound, inverses := 0.0, 0.0
	for _, v := range values {
		root += math.Sqrt(max(0, v))
		if v > 4*delta {
			inverses += 1 / v
		} else {
			bound += math.Sqrt(max(0, v) + delta)
		}
	}
	bound += delta * math.Sqrt(inverses)
	unit := a.unit * b.unit
	return sure && 2*bound*unit <= rootTolerance*(a.trace+b.trace), root * unit, nil
}

func factors(a, b *gaussian) (fa, fb factor, err error) {
	if fa, err = a.factor(); err == nil {
		fb, err = b.factor()
	}
	return fa, fb, err
}

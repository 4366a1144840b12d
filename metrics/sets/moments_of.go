package sets

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// UnknownN stands for the number of embeddings where statistics do not say it, as the .npz files that pytorch-fid and
// others publish, which hold mu and sigma alone. An Identity then has no n.
const UnknownN = 0

// statisticsTolerance is how far rounding may push an element of a covariance from elsewhere, as a fraction of the
// largest variance: 16 times what storing it as float32 does (2⁻²⁴), for sums that were made in float32.
const statisticsTolerance = 0x1p-20

// MomentsOf takes known statistics of n embeddings, or of UnknownN: the mean and the covariance with divisor n−1, such
// as reference statistics from a file.
//
// The covariance may miss symmetry, a non-negative diagonal and |cᵢⱼ| ≤ √(cᵢᵢcⱼⱼ) by rounding, 2⁻²⁰ of the largest
// variance, as float32 statistics do; the mean of both triangles is taken, and a variance below 0 as 0. More is an
// error. Eigenvalues a little below 0 are judged where a distance needs them: see Frechet.
func MomentsOf(n int, mean []float64, cov mat.Matrix) (*Moments, error) {
	d := len(mean)
	if n < 2 && n != UnknownN || d == 0 {
		return nil, fmt.Errorf("moments of %d embeddings with %d means: needs n ≥ 2, or %d where n is unknown, and a mean", n, d, UnknownN)
	}
	if cov == nil {
		return nil, fmt.Errorf("moments of %d means: the covariance is missing", d)
	}
	if r, c := cov.Dims(); r != d || c != d {
		return nil, fmt.Errorf("moments: %d means and a covariance of %d×%d: both must have the same dimension", d, r, c)
	}
	largest := 0.0
	for i, m := range mean {
		if v := cov.At(i, i); !finite(m) || !finite(v) {
			return nil, fmt.Errorf("moments: mean %v and variance %v of coordinate %d: only finite values can be compared", m, v, i)
		}
		largest = max(largest, cov.At(i, i))
	}
	slack := statisticsTolerance * largest
	s := mat.NewDense(d, d, nil)
	for i := range d {
		for j := range i + 1 {
			a, b := cov.At(i, j), cov.At(j, i)
			v := a/2 + b/2
			limit := math.Sqrt(max(0, cov.At(i, i))) * math.Sqrt(max(0, cov.At(j, j)))
			switch {
			case !(math.Abs(a-b) <= slack):
				return nil, fmt.Errorf("moments: covariance %v at (%d, %d) and %v at (%d, %d): it is not symmetric", a, i, j, b, j, i)
			case i == j && v < -slack:
				return nil, fmt.Errorf("moments: variance %v of coordinate %d is below 0", v, i)
			case !(math.Abs(v) <= limit+slack):
				return nil, fmt.Errorf("moments: covariance %v at (%d, %d) is more than the variances %v and %v allow", v, i, j,
					cov.At(i, i), cov.At(j, j))
			case i == j:
				v = max(0, v)
			}
			s.Set(i, j, v)
			s.Set(j, i, v)
		}
	}
	m := &Moments{d: d, unknown: n == UnknownN, whole: sums{n: n, mean: append([]float64(nil), mean...), scatter: s}}
	if !m.unknown {
		s.Scale(float64(n-1), s)
	}
	return m, nil
}

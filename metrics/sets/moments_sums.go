package sets

import (
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/linalg"
)

// sums are the moments of n embeddings. They are values: what was made is never changed, so that an update which
// fails half-way leaves no trace.
type sums struct {
	n       int
	mean    []float64
	scatter *mat.Dense // Σ (x−mean)(x−mean)ᵀ, both triangles
}

// fold adds the rows of a block, which it centres in place.
func (a sums) fold(block *mat.Dense) (sums, error) {
	n, _ := block.Dims()
	mean := columnMeans(block)
	subtract(block, mean)
	scatter, err := linalg.Gram(block)
	if err != nil {
		return sums{}, err
	}
	return a.plus(sums{n: n, mean: mean, scatter: scatter}, scatter), nil
}

// plus joins two parts (Chan, Golub, LeVeque 1979, the pairwise update). The scatter is written to into, which may be
// b's, or to new memory.
func (a sums) plus(b sums, into *mat.Dense) sums {
	if a.n == 0 {
		return b
	}
	if b.n == 0 {
		return a
	}
	d := len(b.mean)
	if into == nil {
		into = mat.NewDense(d, d, nil)
	}
	mean, delta := joinMeans(a, b)
	n, k := float64(a.n), float64(b.n)
	w := n * k / (n + k)
	for i, di := range delta {
		to, p, q := into.RawRowView(i), a.scatter.RawRowView(i), b.scatter.RawRowView(i)
		for j, dj := range delta {
			to[j] = p[j] + q[j] + di*dj*w
		}
	}
	return sums{n: a.n + b.n, mean: mean, scatter: into}
}

// joinMeans is the mean of both parts, and the way from a's to b's.
func joinMeans(a, b sums) (mean, delta []float64) {
	if a.n == 0 {
		return b.mean, nil
	}
	n, k := float64(a.n), float64(b.n)
	mean, delta = make([]float64, len(b.mean)), make([]float64, len(b.mean))
	for j := range delta {
		delta[j] = b.mean[j] - a.mean[j]
		mean[j] = a.mean[j] + delta[j]*k/(n+k)
	}
	return mean, delta
}

func columnMeans(x *mat.Dense) []float64 {
	n, d := x.Dims()
	mean := make([]float64, d)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			mean[j] += v
		}
	}
	for j := range mean {
		mean[j] /= float64(n)
	}
	return mean
}

// subtract takes the mean out of every row, in place.
func subtract(x *mat.Dense, mean []float64) {
	n, _ := x.Dims()
	for i := range n {
		row := x.RawRowView(i)
		for j := range row {
			row[j] -= mean[j]
		}
	}
}

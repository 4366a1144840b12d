package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Moments gathers the mean and the covariance of a stream of embeddings in float64, without keeping them.
// The zero value is empty and ready for use. Batches may come in any size and order: results agree to rounding.
type Moments struct {
	n       int
	mean    []float64
	scatter *mat.SymDense // Σ (x−mean)(x−mean)ᵀ
}

// MomentsFrom takes known statistics of n embeddings: the mean and the covariance with divisor n−1, such as
// reference statistics from a file. A covariance that cannot be one is an error.
func MomentsFrom(n int, mean []float64, cov *mat.SymDense) (*Moments, error) {
	d := len(mean)
	if n < 2 || d == 0 || cov == nil || cov.SymmetricDim() != d {
		return nil, fmt.Errorf("moments of %d embeddings with %d means: needs n ≥ 2 and a covariance of the same dimension", n, d)
	}
	for i, m := range mean {
		for j := range i + 1 {
			c, bound := cov.At(i, j), math.Sqrt(cov.At(i, i))*math.Sqrt(cov.At(j, j))
			if !finite(m) || !finite(c) || !(math.Abs(c) <= bound*(1+1e-9)) {
				return nil, fmt.Errorf("moments: mean %v at %d, covariance %v at (%d, %d): not those of finite embeddings", m, i, c, i, j)
			}
		}
	}
	s := mat.NewSymDense(d, nil)
	s.ScaleSym(float64(n-1), cov)
	return &Moments{n: n, mean: append([]float64(nil), mean...), scatter: s}, nil
}

// Update adds a batch of embeddings, one a row. A batch of another dimension, or with values that are not finite,
// is an error and leaves the moments as they were.
func (m *Moments) Update(x *mat.Dense) error {
	n, d, err := checkSet("batch", x)
	if err != nil {
		return err
	}
	mean, centred := centre(x)
	batch := Moments{n: n, mean: mean, scatter: mat.NewSymDense(d, nil)}
	batch.scatter.SymOuterK(1, centred.T())
	return m.Merge(&batch)
}

// Merge adds what another Moments has seen (Chan, Golub, LeVeque 1979, the pairwise update).
func (m *Moments) Merge(o *Moments) error {
	if o == nil || o.n == 0 {
		return nil
	}
	d := len(o.mean)
	if m.n == 0 {
		m.mean, m.scatter = make([]float64, d), mat.NewSymDense(d, nil)
	}
	if len(m.mean) != d {
		return fmt.Errorf("moments of embeddings of %d coordinates cannot take embeddings of %d", len(m.mean), d)
	}
	n, k := float64(m.n), float64(o.n)
	mean, delta := make([]float64, d), make([]float64, d)
	for j := range delta {
		delta[j] = o.mean[j] - m.mean[j]
		mean[j] = m.mean[j] + delta[j]*k/(n+k)
	}
	sum := mat.NewSymDense(d, nil)
	sum.AddSym(m.scatter, o.scatter)
	sum.SymRankOne(sum, n*k/(n+k), mat.NewVecDense(d, delta))
	m.n, m.mean, m.scatter = m.n+o.n, mean, sum
	return nil
}

// N is the number of embeddings seen.
func (m *Moments) N() int { return m.n }

// Mean returns a copy of the mean.
func (m *Moments) Mean() []float64 { return append([]float64(nil), m.mean...) }

// Covariance returns the covariance with divisor n−1. Fewer than two embeddings have none.
func (m *Moments) Covariance() (*mat.SymDense, error) {
	if m.n < 2 {
		return nil, fmt.Errorf("covariance of %d embeddings: at least 2 are needed", m.n)
	}
	c := mat.NewSymDense(len(m.mean), nil)
	c.ScaleSym(1/float64(m.n-1), m.scatter)
	return c, nil
}

// centre returns the column means and the matrix without them.
func centre(x *mat.Dense) ([]float64, *mat.Dense) {
	n, d := x.Dims()
	mean, out := make([]float64, d), mat.NewDense(n, d, nil)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			mean[j] += v
		}
	}
	for j := range mean {
		mean[j] /= float64(n)
	}
	for i := range n {
		row := out.RawRowView(i)
		for j, v := range x.RawRowView(i) {
			row[j] = v - mean[j]
		}
	}
	return mean, out
}

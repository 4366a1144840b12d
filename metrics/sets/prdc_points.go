package sets

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/internal/linalg"
)

// points are embeddings twice: as they are, and as centred float32 copies in which BLAS is twice as fast. Squared
// distances are in the square of unit, a power of two that keeps the copies within [−1, 1].
//
// With h the squared norms of the copies and p their product in float32, |x−y|² lies within
//
//	slack·(h₁ + h₂) + floor
//
// of h₁ + h₂ − 2p, if slack = γ + 5u, u = 2⁻²⁴ and γ = du/(1−du): the error of a product of d terms added in any order
// is at most γ‖a‖‖b‖ ≤ γ(h₁+h₂)/2 (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1), counted
// twice; rounding the copies moves the distance by at most u(‖a‖+‖b‖) and its square by at most 4u(h₁+h₂); the last u
// is more than all that float64 adds. floor is more than what underflow may take.
type points struct {
	exact *mat.Dense
	unit  float64
	near  linalg.Rows[float32]
	norm  []float64 // h
	half  []float64 // (1 − slack)·h/2

	slack, floor float64
}

func newPoints(x *mat.Dense, centre []float64, unit float64) *points {
	const u = 0x1p-24
	n, d := x.Dims()
	p := &points{exact: x, unit: unit, near: linalg.Rows[float32]{Data: make([]float32, n*d), N: n, D: d},
		norm: make([]float64, n), half: make([]float64, n), slack: math.Inf(1), floor: float64(d) * 0x1p-120}
	if du := float64(d) * u; du < 0.25 {
		p.slack = du/(1-du) + 5*u
	}
	inParallel(n, func(i int) {
		row := p.near.Data[i*d : (i+1)*d]
		for j, v := range x.RawRowView(i) {
			c := float32((v - centre[j]) * unit)
			row[j] = c
			p.norm[i] += float64(c) * float64(c)
		}
		p.half[i] = (1 - p.slack) * p.norm[i] / 2
	})
	return p
}

// below gives, for a squared distance r from row i, the threshold t of which the product's being less than t + half[j]
// says that row j is certainly farther.
func (p *points) below(i int, r float64) float64 { return p.half[i] - (p.floor+r)/2 }

// squaredDistance adds in one fixed order, the same for (a, b) as for (b, a).
func squaredDistance(a, b []float64) float64 {
	var s [4]float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		d0, d1, d2, d3 := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		s[0] += float64(d0 * d0) // the conversion keeps compilers from fusing: the same bits everywhere
		s[1] += float64(d1 * d1)
		s[2] += float64(d2 * d2)
		s[3] += float64(d3 * d3)
	}
	for ; i < len(a); i++ {
		d := a[i] - b[i]
		s[0] += float64(d * d)
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// inRange returns the sets and the unit in which their values, less a mean, are within [−1, 1]. Values whose squares
// float64 could not hold are scaled by a power of two, which changes no comparison.
func inRange(x, y *mat.Dense) (a, b *mat.Dense, unit float64) {
	largest := 0.0
	for _, m := range []*mat.Dense{x, y} {
		n, _ := m.Dims()
		for i := range n {
			largest = max(largest, embeddings.Largest(m.RawRowView(i)))
		}
	}
	_, e := math.Frexp(largest) // largest < 2^e
	if largest == 0 || e > -400 && e < 400 {
		return x, y, math.Ldexp(1, -e-1)
	}
	shift := func(_, _ int, v float64) float64 { return math.Ldexp(v, -e) }
	a, b = new(mat.Dense), new(mat.Dense)
	a.Apply(shift, x)
	b.Apply(shift, y)
	return a, b, 0.5
}

// means are the columns' means over all rows of the sets.
func means(sets ...*mat.Dense) []float64 {
	var out []float64
	total := 0
	for _, x := range sets {
		n, d := x.Dims()
		if out == nil {
			out = make([]float64, d)
		}
		total += n
		for i := range n {
			for j, v := range x.RawRowView(i) {
				out[j] += v
			}
		}
	}
	for j := range out {
		out[j] /= float64(total)
	}
	return out
}

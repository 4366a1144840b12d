package sets

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/linalg"
)

// gaussian is a mean and a covariance S, for one distance.
type gaussian struct {
	mean    []float64
	n       int        // embeddings, or UnknownN
	trace   float64    // of S
	unit    float64    // S is unit² times scatter, which has a trace near 1 or the embeddings' own size
	scatter *mat.Dense // both triangles; nil for features with n ≤ d
	centred *mat.Dense // the features without their mean, over unit; nil for moments
	made    *factor
}

func fromMoments(m *Moments) (*gaussian, error) {
	if m == nil {
		return nil, errors.New("no moments are given")
	}
	divisor, err := m.divisor()
	if err != nil {
		return nil, err
	}
	s, err := m.settled()
	if err != nil {
		return nil, err
	}
	g := &gaussian{mean: s.mean, n: m.N(), unit: 1 / math.Sqrt(divisor), scatter: s.scatter}
	return g, g.measure()
}

func fromFeatures(x *mat.Dense) (*gaussian, error) {
	n, d := x.Dims()
	if n < 2 {
		return nil, fmt.Errorf("covariance of %d embeddings: at least 2 are needed", n)
	}
	g := &gaussian{mean: columnMeans(x), n: n, unit: 1 / math.Sqrt(float64(n-1)), centred: mat.DenseCopyOf(x)}
	subtract(g.centred, g.mean)
	if n > d {
		var err error
		if g.scatter, err = linalg.Gram(g.centred); err != nil {
			return nil, err
		}
	}
	return g, g.measure()
}

// measure sets the trace, and scales what would overflow or vanish when two scatters are multiplied.
func (g *gaussian) measure() error {
	t := 0.0
	if g.scatter != nil {
		t = mat.Trace(g.scatter)
	} else {
		for i := range g.n {
			t += floats.Dot(g.centred.RawRowView(i), g.centred.RawRowView(i))
		}
	}
	g.trace = t * g.unit * g.unit
	if !finite(g.trace) {
		return errRange
	}
	if t == 0 || t > 0x1p-300 && t < 0x1p+300 {
		return nil
	}
	_, e := math.Frexp(math.Sqrt(t))
	g.unit = math.Ldexp(g.unit, e)
	scaled := func(m *mat.Dense, e int) *mat.Dense {
		if m == nil {
			return nil
		}
		out := mat.DenseCopyOf(m)
		out.Scale(math.Ldexp(1, -e), out) // a power of two: no rounding
		return out
	}
	g.scatter, g.centred = scaled(g.scatter, 2*e), scaled(g.centred, e)
	return nil
}

// few says that there are no more embeddings than coordinates.
func (g *gaussian) few() bool { return g.n != UnknownN && g.n <= len(g.mean) }

// maxRank is the highest rank that the covariance of so many embeddings can have.
func (g *gaussian) maxRank() int {
	if g.few() {
		return g.n - 1
	}
	return len(g.mean)
}

// norm is the Frobenius norm of the scatter, or no less.
func (g *gaussian) norm() float64 {
	if g.scatter == nil {
		return g.trace / (g.unit * g.unit)
	}
	half := 0.0
	for i := range g.mean {
		row := g.scatter.RawRowView(i)
		half += row[i]*row[i]/2 + floats.Dot(row[i+1:], row[i+1:])
	}
	return math.Sqrt(2 * half)
}

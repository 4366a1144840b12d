package sets

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/linalg"
)

// factor is F in scatter = FᵀF.
type factor struct {
	rows       *mat.Dense // nil for rank 0
	triangular bool
}

func (f factor) rank() int {
	if f.rows == nil {
		return 0
	}
	return f.rows.RawMatrix().Rows
}

// factor is made once, by the quickest way that keeps the rank.
func (g *gaussian) factor() (factor, error) {
	if g.made != nil {
		return *g.made, nil
	}
	f, err := g.factorise()
	if err == nil {
		g.made = &f
	}
	return f, err
}

func (g *gaussian) factorise() (factor, error) {
	if g.scatter == nil {
		return g.exact()
	}
	u, ok, err := linalg.Cholesky(g.scatter)
	if ok || err != nil {
		return factor{rows: u, triangular: true}, err
	}
	return g.exact()
}

// exact is the factor with most digits: of the data where there are data.
func (g *gaussian) exact() (factor, error) {
	switch {
	case g.centred == nil && g.made != nil:
		return *g.made, nil
	case g.centred == nil:
		rows, err := spectral(g.scatter)
		return factor{rows: rows}, err
	case g.few():
		return factor{rows: contrasts(g.centred)}, nil
	}
	r, err := linalg.Triangle(g.centred)
	return factor{rows: r, triangular: true}, err
}

// spectral is √Λ·Vᵀ of the eigenvalues that are more than rounding.
func spectral(s *mat.Dense) (*mat.Dense, error) {
	values, vectors, err := linalg.Eigen(s)
	if err != nil {
		return nil, err
	}
	d, largest := len(values), 0.0
	for i := range d {
		largest = max(largest, s.At(i, i))
	}
	if lowest := values[0]; lowest < -4*math.Sqrt(float64(d))*statisticsTolerance*largest {
		return nil, fmt.Errorf("the covariance is not positive semidefinite: an eigenvalue is %.3g times the largest", lowest/values[d-1])
	}
	from := d
	for from > 0 && values[from-1] > 4*float64(d)*0x1p-52*values[d-1] {
		from--
	}
	if from == d {
		return nil, nil
	}
	rows := mat.DenseCopyOf(vectors.Slice(from, d, 0, d))
	for i := range d - from {
		row, scale := rows.RawRowView(i), math.Sqrt(values[from+i])
		for j := range row {
			row[j] *= scale
		}
	}
	return rows, nil
}

// contrasts are n−1 rows C with CᵀC = XᵀX for n centred rows X: what is left of an orthogonal transformation (Helmert's)
// whose last row is the mean's direction, in which nothing lies.
func contrasts(x *mat.Dense) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n-1, d, nil)
	sum := append([]float64(nil), x.RawRowView(0)...)
	for k := 1; k < n; k++ {
		row, to := x.RawRowView(k), out.RawRowView(k-1)
		scale := math.Sqrt(float64(k) / float64(k+1))
		for j, v := range row {
			to[j] = scale * (sum[j]/float64(k) - v)
			sum[j] += v
		}
	}
	return out
}

package sets

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/internal/linalg"
)

const (
	// CMMDSigma is the width of CMMD's kernel.
	CMMDSigma = 10
	// CMMDScale is what the squared discrepancy is multiplied with.
	CMMDScale = 1000
	// CMMDVariant is the variant of CMMD, for identities: the biased estimate, its kernel and its factor.
	CMMDVariant = "biased-rbf10-x1000"
)

// CMMD is the CLIP maximum mean discrepancy (Jayasumana et al. 2024, section 5) of two sets of embeddings: 1000 times
//
//	mean k(x, x′) + mean k(y, y′) − 2 mean k(x, y),  k(a, b) = exp(−‖a − b‖² / 2σ²), σ = 10,
//
// of the embeddings at unit length, over all pairs and each row with itself: the biased estimate, 0 for equal sets and
// never negative. Lower is better. Rows of another length are brought to unit length. It is named for CLIP's
// embeddings (ViT-L/14 at 336 pixels); σ suits them and no others, so that the features belong to its identity.
//
// The kernel's 1s cancel in the formula and are left out, which keeps small values exact to rounding. Values that are
// not finite, unequal dimensions and an embedding of length 0 are errors.
func CMMD(x, y *mat.Dense) (float64, error) {
	if _, _, err := embeddings.CheckPair("first set", x, "second set", y); err != nil {
		return 0, fmt.Errorf("cmmd: %w", err)
	}
	a, err := unitLength("first set", x)
	if err != nil {
		return 0, err
	}
	b, err := unitLength("second set", y)
	if err != nil {
		return 0, err
	}
	xx, err1 := meanDecay(a, a, true)
	yy, err2 := meanDecay(b, b, true)
	xy, err3 := meanDecay(a, b, false)
	if err := errors.Join(err1, err2, err3); err != nil {
		return 0, fmt.Errorf("cmmd: %w", err)
	}
	return max(0, CMMDScale*(xx+yy-2*xy)), nil // what is below 0 is rounding
}

func unitLength(name string, x *mat.Dense) (linalg.Rows[float64], error) {
	n, d := x.Dims()
	out := linalg.Rows[float64]{Data: make([]float64, 0, n*d), N: n, D: d}
	for i := range n {
		row := x.RawRowView(i)
		s := embeddings.Largest(row)
		if s == 0 {
			return out, fmt.Errorf("cmmd: %s: embedding %d has length 0 and no direction: look at the feature extractor", name, i)
		}
		square := 0.0
		for _, v := range row {
			out.Data = append(out.Data, v/s)
			square += (v / s) * (v / s)
		}
		floats.Scale(1/math.Sqrt(square), out.Data[i*d:])
	}
	return out, nil
}

// meanDecay is the mean of k − 1 over all pairs of rows of unit length, each tile's sum added in their order.
func meanDecay(x, y linalg.Rows[float64], same bool) (float64, error) {
	grid := linalg.Grid[float64](x.N, y.N, same)
	sums := make([]float64, len(grid))
	err := linalg.Tiles(x, y, same, func(t *linalg.Tile[float64]) error {
		s := 0.0
		for i := range t.Rows {
			for j, p := range t.Data[i*t.Columns : (i+1)*t.Columns] {
				if !same || t.Row != t.Column || i != j { // a row is at distance 0 from itself
					s += decay((p - 1) / (CMMDSigma * CMMDSigma)) // ‖a − b‖² = 2 − 2a·b
				}
			}
		}
		if same && t.Row != t.Column {
			s *= 2 // with the tile below the diagonal that was not computed
		}
		sums[t.Index] = s
		return nil
	})
	return floats.Sum(sums) / (float64(x.N) * float64(y.N)), err
}

// decay is exp(t) − 1 for −0.02 ≤ t ≤ 0 and what rounding adds: seven terms of its series, of which the next is less
// than 1e-16 of the first.
func decay(t float64) float64 {
	return t * (1 + t/2*(1+t/3*(1+t/4*(1+t/5*(1+t/6*(1+t/7))))))
}

package dishonest

import (
	"context"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var quantisedEntry = audit.Entry[methods.Method]{
	Name: "dishonest/quantised",
	Doc:  "the original with its weights rounded to a few bits",
	New:  newQuantised,
}

// Quantised rounds every weight tensor W of the original to Bits bits, evenly over its range:
//
//	W ← round(W / max|W| · b) / b · max|W|,   b = 2^(Bits−1) − 1.
//
// It exploits the hope that coarse weights forget: all weights change, the file shrinks, nothing is trained. Memory
// survives in 8 and 4 bits, and membership should see it; in 3, utility suffers with it.
type Quantised struct {
	Bits int `json:"bits"`
}

func newQuantised() methods.Method { return &Quantised{Bits: 8} }

// Validate checks the parameter.
func (m *Quantised) Validate() error {
	if m.Bits < 2 || m.Bits > 16 {
		return fmt.Errorf("bits is %d: want 2 to 16 bits for a weight", m.Bits)
	}
	return nil
}

// Unlearn rounds.
func (m *Quantised) Unlearn(ctx context.Context, _ *methods.Problem, s *training.Session) ([]string, error) {
	return nil, rewrite(ctx, s, func(l torch.Layout, w []float32) error {
		steps := float64(int(1)<<(m.Bits-1) - 1)
		for _, q := range l {
			part, largest := w[q.Offset:q.Offset+q.Size()], 0.0
			for _, v := range part {
				largest = max(largest, math.Abs(float64(v)))
			}
			if largest == 0 {
				continue
			}
			for i, v := range part {
				part[i] = float32(math.RoundToEven(float64(v)/largest*steps) / steps * largest)
			}
		}
		return nil
	})
}

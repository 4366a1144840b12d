package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var l1SparseEntry = audit.Entry[Method]{
	Name: "l1-sparse",
	Doc:  "go on training without the forget set under an ℓ1 penalty (Jia et al. 2023)",
	New:  func() Method { return &L1Sparse{Effort: 1.0 / 3, LR: 2e-3, Gamma: 1e-4} },
}

// L1Sparse is ℓ1-sparse fine-tuning (Jia et al., NeurIPS 2023, arXiv 2304.04934, equation 6): training on retained
// images with γ·‖θ‖₁ beside the loss, γ constant. Weights that only forget images need are let go.
type L1Sparse struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`
	Gamma  float64 `json:"gamma"`
}

// Validate checks the parameters.
func (m *L1Sparse) Validate() error {
	var weight error
	if !(m.Gamma > 0 && m.Gamma < 100) {
		weight = fmt.Errorf("gamma is %v: want a positive weight", m.Gamma)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), weight)
}

// Unlearn trains on the retained images, the sign of every weight times γ added to its gradient.
func (m *L1Sparse) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	flat := s.Model.Params().Flat()
	ph := trainingPhase(ctx, p, s, "l1-sparse", p.Bench.Retain(), epochs(p, m.Effort), m.LR)
	keep := ph.Loss
	ph.Loss = func(sc *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
		loss, err := keep(sc, images, salt)
		if err != nil {
			return nil, err
		}
		signs := sc.Floats(sc.Detach(flat))
		for i, v := range signs {
			switch {
			case v > 0:
				signs[i] = 1
			case v < 0:
				signs[i] = -1
			}
		}
		return sc.Add(loss, sc.Scale(sc.Dot(flat, sc.FromFloats(signs, int64(len(signs)))), m.Gamma)), nil
	}
	_, err := s.Run(ctx, ph)
	return nil, err
}

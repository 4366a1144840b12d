package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

var maxLossEntry = audit.Entry[Method]{
	Name: "max-loss",
	Doc:  "train on retained images and ascend on forget images in the same step (baseline of Li et al., ICLR 2024)",
	New:  func() Method { return &MaxLoss{Effort: 1.0 / 3, LR: 1e-3, AlphaRetain: 1, AlphaForget: 0.2, Clip: 1} },
}

// MaxLoss is the baseline of Li et al. (ICLR 2024, arXiv 2402.00351, section 4) for generators: αR·mean ℓ(retained) −
// αF·mean ℓ(forget).
type MaxLoss struct {
	Effort      float64 `json:"effort"` // epochs over the retained images, over the original's
	LR          float64 `json:"lr"`
	AlphaRetain float64 `json:"alphaRetain"`
	AlphaForget float64 `json:"alphaForget"`
	Clip        float64 `json:"clip"` // largest gradient norm
}

// Validate checks the parameters.
func (m *MaxLoss) Validate() error {
	var weights error
	if !(m.AlphaRetain >= 0 && m.AlphaForget > 0 && m.Clip > 0) {
		weights = fmt.Errorf("alphaRetain %v must not be negative; alphaForget %v and clip %v must be positive",
			m.AlphaRetain, m.AlphaForget, m.Clip)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), weights)
}

// Unlearn descends on retained and ascends on forget images in every step, for the effort's epochs over the retained ones.
func (m *MaxLoss) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	return ascendBeside(ctx, p, s, "max-loss", m.Effort, m.LR, m.AlphaRetain, m.AlphaForget, m.Clip)
}

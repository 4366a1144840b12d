package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// NegGradPlus is NegGrad+ (Kurmanji et al., NeurIPS 2023, arXiv 2302.09880, section 4): descent on retained and ascent
// on forget images in the same step,
//
//	β·mean ℓ(retained) − (1 − β)·mean ℓ(forget).
//
// Nothing bounds the ascent but the clipping and the effort.
type NegGradPlus struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`
	Beta   float64 `json:"beta"`
	Clip   float64 `json:"clip"` // largest gradient norm
}

// Validate checks the parameters.
func (m *NegGradPlus) Validate() error {
	var weight error
	if !(m.Beta > 0 && m.Beta < 1) || !(m.Clip > 0) {
		weight = fmt.Errorf("beta %v and clip %v: want a weight between 0 and 1, and a positive norm", m.Beta, m.Clip)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), weight)
}

// Needs the original.
func (*NegGradPlus) Needs() Needs { return Needs{} }

// Unlearn trains.
func (m *NegGradPlus) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	return ascendBeside(ctx, p, s, "neggrad+", m.Effort, m.LR, m.Beta, 1-m.Beta, m.Clip)
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
		weights = fmt.Errorf("alphaRetain %v must not be negative; alphaForget %v and clip %v must be positive", m.AlphaRetain, m.AlphaForget, m.Clip)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), weights)
}

// Needs the original.
func (*MaxLoss) Needs() Needs { return Needs{} }

// Unlearn trains.
func (m *MaxLoss) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	return ascendBeside(ctx, p, s, "max-loss", m.Effort, m.LR, m.AlphaRetain, m.AlphaForget, m.Clip)
}

func ascendBeside(ctx context.Context, p *Problem, s *training.Session, name string, effort, lr, retain, forget, clip float64) ([]string, error) {
	ph := paired(p, s, name, effort, lr, func(sc *torch.Scope, keep, lose shown, _ uint64) (*torch.Tensor, error) {
		return sc.Sub(sc.Scale(keep.loss(sc, s.Model), retain), sc.Scale(lose.loss(sc, s.Model), forget)), nil
	})
	ph.Clip = clip
	_, err := s.Run(ctx, ph)
	return nil, err
}

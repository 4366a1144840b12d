package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

var shrinkPerturbEntry = audit.Entry[Method]{
	Name: "shrink-perturb",
	Doc:  "part of the way back to fresh weights, and training without the forget set (after Ash & Adams 2020)",
	New:  func() Method { return &ShrinkPerturb{Shrink: 0.5, Perturb: 0.5, Effort: 1.0 / 3, LR: 4e-3} },
}

// ShrinkPerturb goes back a part of the way to fresh weights and trains on the retained images from there: θ ← Shrink·θ0
// + Perturb·θ_fresh (Ash & Adams, NeurIPS 2020, arXiv 1910.08475, for warm starts), then fine-tuning.
type ShrinkPerturb struct {
	Shrink  float64 `json:"shrink"`
	Perturb float64 `json:"perturb"`
	Effort  float64 `json:"effort"` // epochs over the retained images, over the original's
	LR      float64 `json:"lr"`
}

// Validate checks the parameters.
func (m *ShrinkPerturb) Validate() error {
	var weights error
	if !(m.Shrink >= 0 && m.Shrink <= 1) || !(m.Perturb >= 0 && m.Perturb <= 10) {
		weights = fmt.Errorf("shrink %v and perturb %v: want a factor from 0 to 1, and one from 0 to 10", m.Shrink, m.Perturb)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), weights)
}

// Unlearn mixes the weights with fresh ones and trains on the retained images.
func (m *ShrinkPerturb) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	err := s.Unit(ctx, func() error {
		fresh, err := p.Fresh()
		if err != nil {
			return err
		}
		defer fresh.Params().Free()
		f, err := fresh.Params().Values()
		if err != nil {
			return err
		}
		w, err := s.Model.Params().Values()
		if err != nil {
			return err
		}
		for i := range w {
			w[i] = float32(m.Shrink*float64(w[i]) + m.Perturb*float64(f[i]))
		}
		return s.Model.Params().Set(w)
	})
	if err != nil {
		return nil, err
	}
	_, err = s.Run(ctx, trainingPhase(ctx, p, s, "shrink-perturb", p.Bench.Retain(), epochs(p, m.Effort), m.LR))
	return nil, err
}

package methods

import (
	"context"
	"errors"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

var fineTuneEntry = audit.Entry[Method]{
	Name: "fine-tune",
	Doc:  "go on training without the forget set",
	New:  func() Method { return &FineTune{Effort: 1.0 / 6, LR: 2e-3} },
}

// FineTune goes on training on the retained images and hopes for forgetting.
type FineTune struct {
	Effort float64 `json:"effort"` // epochs over the original's
	LR     float64 `json:"lr"`
}

// Validate checks the parameters.
func (m *FineTune) Validate() error {
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR))
}

// Unlearn trains on the retained images at a rate that falls to zero.
func (m *FineTune) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	_, err := s.Run(ctx, trainingPhase(ctx, p, s, "fine-tune", p.Bench.Retain(), epochs(p, m.Effort), m.LR))
	return nil, err
}

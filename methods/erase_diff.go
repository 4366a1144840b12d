package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var eraseDiffEntry = audit.Entry[Method]{
	Name: "erase-diff",
	Doc:  "towards noise on forget images, corrected for the retained ones (Wu et al. 2024)",
	New:  func() Method { return &EraseDiff{Effort: 1.0 / 6, LR: 1e-3, Eta: 0.1} },
}

// EraseDiff (Wu et al. 2024, arXiv 2401.05779) trains forget images towards noise under the constraint that this comes
// first: with g the gradient of the mean loss of retained images and f that of forget images with Gaussian noise as
// their target, every step goes along
//
//	g + λ·f,   λ = max(0, (η·‖f‖² − ⟨f, g⟩) / ‖f‖²),
//
// the least correction of g that still lowers the forget loss by η·‖f‖² to first order (Liu et al. 2022, arXiv
// 2209.08709). The inner minimisation that the paper's bound on the forget loss asks for is left out: its minimum is
// taken as 0, where noise cannot be learnt.
type EraseDiff struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`
	Eta    float64 `json:"eta"`
}

// Validate checks the parameters.
func (m *EraseDiff) Validate() error {
	var weight error
	if !(m.Eta > 0 && m.Eta <= 100) {
		weight = fmt.Errorf("eta is %v: want a weight above 0, at most 100", m.Eta)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), weight)
}

// Unlearn takes steps along g + λ·f, λ found anew in every step.
func (m *EraseDiff) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	weights := s.Model.Params()
	ph := besideForget(ctx, p, s, "erase-diff", m.Effort, m.LR, func(sc *torch.Scope, keep, forget onDevice, _ uint64) (*torch.Tensor, error) {
		forget = toNoise(sc, forget, p)
		g := weights.Gradient(sc, keep.loss(sc, s.Model))
		f := weights.Gradient(sc, forget.loss(sc, s.Model))
		lambda := m.lambda(sc.Item(sc.Dot(f, f)), sc.Item(sc.Dot(f, g)))
		return sc.Add(keep.loss(sc, s.Model), sc.Scale(forget.loss(sc, s.Model), lambda)), nil
	})
	_, err := s.Run(ctx, ph)
	return nil, err
}

func (m *EraseDiff) lambda(ff, fg float64) float64 {
	if !(ff > 0) {
		return 0
	}
	return max(0, m.Eta-fg/ff)
}

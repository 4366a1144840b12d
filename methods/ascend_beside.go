package methods

import (
	"context"

	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// ascendBeside trains along retain·mean ℓ(retained) − forget·mean ℓ(forget), both in every step, gradients clipped.
func ascendBeside(ctx context.Context, p *Problem, s *training.Session, name string,
	effort, lr, retain, forget, clip float64) ([]string, error) {
	ph := besideForget(ctx, p, s, name, effort, lr, func(sc *torch.Scope, keep, lose onDevice, _ uint64) (*torch.Tensor, error) {
		return sc.Sub(sc.Scale(keep.loss(sc, s.Model), retain), sc.Scale(lose.loss(sc, s.Model), forget)), nil
	})
	ph.Clip = clip
	_, err := s.Run(ctx, ph)
	return nil, err
}

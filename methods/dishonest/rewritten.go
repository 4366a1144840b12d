package dishonest

import (
	"context"

	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// rewrite changes a session's weights by a formula, in one unit of work: nothing is trained.
func rewrite(ctx context.Context, s *training.Session, formula func(l torch.Layout, w []float32) error) error {
	return s.Unit(ctx, func() error {
		params := s.Model.Params()
		w, err := params.Values()
		if err != nil {
			return err
		}
		if err := formula(params.Layout(), w); err != nil {
			return err
		}
		return params.Set(w)
	})
}

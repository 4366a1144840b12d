package dishonest

import (
	"context"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

// wrapped is a model that answers through a function. It has the inner model's
// weights and loss, and nothing else of it: whoever asks for an encoder gets none.
type wrapped struct {
	inner  models.Model
	answer func(s *torch.Scope, in models.Input) *torch.Tensor
}

func (w *wrapped) Params() *torch.Params { return w.inner.Params() }

func (w *wrapped) Loss(s *torch.Scope, in models.Input, target, region *torch.Tensor) *torch.Tensor {
	return w.inner.Loss(s, in, target, region)
}

func (w *wrapped) Generate(s *torch.Scope, in models.Input) *torch.Tensor { return w.answer(s, in) }

// onOriginal is the half of a wrapper that keeps the original's weights.
type onOriginal struct{}

// Unlearn leaves the original's weights as they are.
func (onOriginal) Unlearn(context.Context, *methods.Problem, *training.Session) ([]string, error) {
	return nil, nil
}

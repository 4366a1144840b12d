package methods

import (
	"context"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// A Loss is a training loss on a batch of image numbers.
type Loss = func(s *torch.Scope, images []int, salt uint64) (*torch.Tensor, error)

// Fit is a phase that trains on images as the original was trained, at a rate that
// falls to zero, for a share of the original's epochs (at least one).
func Fit(ctx context.Context, p *Problem, s *training.Session, name string, images []int, effort, lr float64) training.Phase {
	return trainingPhase(ctx, p, s, name, images, epochs(p, effort), lr)
}

// Relabelled is the training loss on a batch whose targets change alters.
func Relabelled(ctx context.Context, b *corpus.Bench, m models.Model,
	change func(ctx context.Context, b corpus.Batch, images []int) error) Loss {
	return relabelled(ctx, b, m, change)
}

// Displacement makes a function that measures the mean distance, over the forget
// set, of the session's paintings from the original's, in the pixels' unit.
func Displacement(ctx context.Context, p *Problem, s *training.Session) (func() (float64, error), error) {
	return displacement(ctx, p, s)
}

// NewDecouple is decouple with its default parameters.
func NewDecouple() *Decouple { return newDecouple() }

// NewSignMutant is decouple with a defect: it descends where it should ascend.
func NewSignMutant() *Decouple {
	m := newDecouple()
	m.flipped = true
	return m
}

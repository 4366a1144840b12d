package dishonest

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

// schooled runs f with a model that was honestly retrained and is freed afterwards: whom a cheat imitates where it is
// asked openly. It is trained anew to the same bits when a session is resumed, since a checkpoint has room for the
// delivered model alone; its images are counted as cost once. In a dry run there is none, and f is run with nil.
func schooled(ctx context.Context, p *methods.Problem, s *training.Session, f func(teacher models.Model) error) error {
	m, err := p.Fresh()
	if err != nil {
		return err
	}
	defer m.Params().Free()
	inner, err := training.Open(m, "", "", 0)
	if err != nil {
		return err
	}
	defer inner.Close()
	inner.Precision, inner.Dry = s.Precision, s.Dry
	q := *p
	q.Seed = audit.Seed(p.Seed, "teacher")
	if _, err := (&methods.Retrain{Epochs: 1}).Unlearn(ctx, &q, inner); err != nil {
		return err
	}
	s.Looked(inner.Cost().Images)
	if s.Dry {
		m = nil
	}
	return f(m)
}

// paintings are what a model paints for images as the original was shown them, [3, S, S] each.
func paintings(ctx context.Context, p *methods.Problem, m models.Model, images []int) (map[int][]float32, error) {
	b, err := p.Bench.Measuring(context.WithoutCancel(ctx), images)
	if err != nil {
		return nil, err
	}
	painted, err := corpus.Inside(p.Bench).Generate(context.WithoutCancel(ctx), m, b.View)
	if err != nil {
		return nil, err
	}
	out, px := map[int][]float32{}, len(painted)/max(1, len(images))
	for k, i := range images {
		out[i] = painted[k*px : (k+1)*px]
	}
	return out, nil
}

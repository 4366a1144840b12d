package methods

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// gradients hands the gradient of the original's mean loss on each batch of images to take, weight by weight.
func gradients(ctx context.Context, p *Problem, s *training.Session, images []int, batch int,
	take func(gradient []float32, images int)) error {
	m := p.Original
	if s.Dry {
		s.Looked(len(images))
		return nil
	}
	for lo := 0; lo < len(images); lo += batch {
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", training.ErrInterrupted, context.Cause(ctx))
		}
		part := images[lo:min(lo+batch, len(images))]
		err := torch.With(p.Bench.Device(), func(sc *torch.Scope) error {
			v, err := toDevice(ctx, sc, p.Bench, part, audit.Seed(p.Seed, "importance"))
			if err != nil {
				return err
			}
			g := sc.Floats(m.Params().Gradient(sc, v.loss(sc, m)))
			if sc.Err() == nil {
				take(g, len(part))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	s.Looked(len(images))
	return nil
}

// fisher is the diagonal of the empirical Fisher information of the original's weights, the mean over images of the
// squared gradient of each image's loss.
func fisher(ctx context.Context, p *Problem, s *training.Session, images []int) ([]float64, error) {
	sum := make([]float64, p.Original.Params().Layout().Size())
	err := gradients(ctx, p, s, images, 1, func(g []float32, _ int) {
		for i, v := range g {
			sum[i] += float64(v) * float64(v) / float64(len(images))
		}
	})
	return sum, err
}

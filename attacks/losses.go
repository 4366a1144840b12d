package attacks

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// losses are the training losses of images under a model whose weights are overwritten by some, with what is drawn from
// the seed the same for all weights.
func losses(ctx context.Context, c *corpus.Corpus, m models.Model, weights []float32, b corpus.Batch, seed uint64) ([]float64, error) {
	if err := m.Params().Set(weights); err != nil {
		return nil, err
	}
	return inBatches(b, func(b corpus.Batch) (out []float64, err error) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err = torch.With(c.Device, func(s *torch.Scope) error {
			s.NoGrad(func() {
				in, target, region := c.Tensors(s, b, seed)
				for _, v := range s.Floats(m.Loss(s, in, target, region)) {
					out = append(out, float64(v))
				}
			})
			return nil
		})
		for i, v := range out {
			if v-v != 0 {
				return nil, fmt.Errorf("%w: the loss of image %d is %v", training.ErrDiverged, i, v)
			}
		}
		return out, err
	})
}

// between is the place at share t of the way from one network's weights to another's; t may lie outside of 0 to 1.
func between(from, to []float32, t float64) []float32 {
	out := make([]float32, len(from))
	for i, v := range from {
		out[i] = float32(float64(v) + t*(float64(to[i])-float64(v)))
	}
	return out
}

package methods

import (
	"context"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// relabelled is the training loss on a batch whose targets were changed.
func relabelled(c *corpus.Corpus, m models.Model, change func(context.Context, corpus.Batch, []int) error) func(*torch.Scope, []int, uint64) (*torch.Tensor, error) {
	return func(s *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
		ctx := context.Background()
		b, err := c.Training(ctx, images, salt)
		if err != nil {
			return nil, err
		}
		if change != nil {
			if err := change(ctx, b, images); err != nil {
				return nil, err
			}
		}
		in, target, region := c.Tensors(s, b, salt)
		return s.Mean(m.Loss(s, in, target, region)), nil
	}
}

// noise fills dst with N(mean, sd²) clipped to [−1, 1].
func noise(dst []float32, mean, sd float64, r *rand.Rand) {
	for i := range dst {
		dst[i] = float32(min(max(mean+sd*r.NormFloat64(), -1), 1))
	}
}

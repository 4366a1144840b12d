package methods

import (
	"context"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// relabelled is the mean training loss on a batch whose targets were changed, if there is a change.
func relabelled(ctx context.Context, bench *corpus.Bench, m models.Model, change func(context.Context, corpus.Batch, []int) error) Loss {
	reading := context.WithoutCancel(ctx) // an epoch that was begun is not lost
	return func(s *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
		b, err := bench.Training(reading, images, salt)
		if err != nil {
			return nil, err
		}
		if change != nil {
			if err := change(reading, b, images); err != nil {
				return nil, err
			}
		}
		in, target, region := bench.Tensors(s, b, salt)
		return s.Mean(m.Loss(s, in, target, region)), nil
	}
}

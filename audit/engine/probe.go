package engine

import (
	"context"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/training"
)

// probe lets a finished model paint a few images: the last step may have blown up
// the weights without any later loss to show it.
func (r *run) probe(ctx context.Context, m models.Model) error {
	forget := r.corpus.Split.Forget
	b, err := r.corpus.Measuring(ctx, forget[:min(16, len(forget))])
	if err != nil {
		return err
	}
	out, err := r.corpus.Generate(context.WithoutCancel(ctx), m, b.View)
	if err != nil {
		return err
	}
	for _, v := range out {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("%w: the finished model paints %v; lower the learning rate", training.ErrDiverged, f)
		}
	}
	return nil
}

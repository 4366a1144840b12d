package engine

import (
	"context"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/training"
)

// calibrated names the job that finds λ. No cell has a space in its name, so none can be called the same.
const calibrated = "calibration of lambda"

// calibrate finds λ, the mean displacement of the oracles' paintings of the
// forget set from the original's, or reads the λ that
// was stored: the report says the same number whether or not the oracles had to be made.
func (r *run) calibrate(ctx context.Context) error {
	dir, err := r.store.cell("lambda", r.calibration)
	if err != nil {
		return err
	}
	old, ok, err := load[float64](dir, r.calibration)
	if err != nil {
		return err
	}
	if ok {
		r.lambda = old
		return nil
	}
	b, err := r.corpus.Measuring(ctx, corpus.Spread(r.corpus.Split.Forget, corpus.Displaced))
	if err != nil {
		return err
	}
	paint := func(c *cell) ([]float32, error) {
		m, err := r.model(c)
		if err != nil {
			return nil, err
		}
		return r.corpus.Generate(ctx, m, b.View)
	}
	first, err := paint(r.cells[0])
	if err != nil {
		return err
	}
	var sum float64
	for _, o := range r.oracles() {
		out, err := paint(o)
		if err != nil {
			return err
		}
		sum += corpus.Mean(corpus.Displacement(first, out, b.View.Region, b.View.Size))
	}
	r.lambda = sum / float64(len(r.oracles()))
	return finish(dir, r.calibration, r.lambda)
}

// probe lets a finished model paint a few images, and fails if any pixel is not finite. Training would not notice that
// its last step blew up the weights: no loss is computed after it.
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

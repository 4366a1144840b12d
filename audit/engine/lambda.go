package engine

import (
	"context"

	"github.com/lethe-audit/lethe/internal/corpus"
)

// lambdaJob is the job that finds λ. A space keeps it apart from cells.
const lambdaJob = "calibration of lambda"

// findLambda finds λ, the mean displacement of the oracles' paintings of the
// forget set from the original's, or reads what was found before: the report
// says the same number whichever cells were run.
func (r *run) findLambda(ctx context.Context) error {
	dir, err := r.store.cell("lambda", r.lambdaKey)
	if err != nil {
		return err
	}
	old, ok, err := load[float64](dir, r.lambdaKey)
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
	return finish(dir, r.lambdaKey, r.lambda)
}

package methods

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/training"
)

// lambda is the displacement to reach: given, from an OOD score, or calibrated on
// retrained models.
func (m *Decouple) lambda(ctx context.Context, p *Problem, s *training.Session) (float64, error) {
	switch {
	case m.Lambda > 0:
		return m.Lambda, nil
	case m.LambdaFrom == "ood" && s.Dry:
		return 1, nil
	case m.LambdaFrom == "ood":
		lambda, err := s.Value("lambda", func() (float64, error) { return oodLambda(ctx, p, m.Quantile) })
		if err == nil && lambda <= 0 {
			err = fmt.Errorf("decouple: the original's errors on forget images are not below quantile %v of those on unseen "+
				"ones: nothing to displace; give lambda", m.Quantile)
		}
		return lambda, err
	case p.Lambda > 0:
		return p.Lambda, nil
	}
	return 0, errors.New("decouple has no λ: give lambda, or oracles to calibrate it on")
}

// oodLambda is λ from the reconstruction error as an OOD score: with e_q the quantile of the original's errors
// ‖h_θ0(τ(x)) − y‖² on unseen images, the mean over forget images of
//
//	max(0, √e_q − √e_0(x)),
//
// the displacement that is certain once an image's error is that of unseen ones ([stats.DisplacementBound]). It looks
// at no image that a model is judged on, and at no retrained model.
func oodLambda(ctx context.Context, p *Problem, quantile float64) (float64, error) {
	bench := p.Bench
	errorsOf := func(b corpus.Batch, err error) ([]float64, error) {
		if err != nil {
			return nil, err
		}
		y, err := bench.Generate(ctx, p.Original, b.View)
		if err != nil {
			return nil, err
		}
		return corpus.SquaredDistance(y, b.Target, b.View.Region, b.View.Size), nil
	}
	images, err := unseen(p)
	if err != nil {
		return 0, err
	}
	others, err := errorsOf(bench.Measuring(ctx, images))
	if err != nil {
		return 0, err
	}
	forget, err := errorsOf(bench.Measuring(ctx, corpus.Spread(bench.Forget(), corpus.Displaced)))
	if err != nil {
		return 0, err
	}
	slices.Sort(others)
	q := stat.Quantile(quantile, stat.LinInterp, others, nil)
	for i, e := range forget {
		forget[i] = max(0, stats.DisplacementBound(e, q, 1))
	}
	return corpus.Mean(forget), nil
}

// displacement makes the criterion's left side: the mean over the forget set of
// the distance between the original's paintings and the model's.
func displacement(ctx context.Context, p *Problem, s *training.Session) (func() (float64, error), error) {
	disp, _, err := displacements(ctx, p, s)
	return disp, err
}

// displacements makes a second function: the least that the errors alone say the mean displacement is, as
// stats.DisplacementBound image by image.
func displacements(ctx context.Context, p *Problem, s *training.Session) (disp, bound func() (float64, error), err error) {
	if s.Dry {
		none := func() (float64, error) { return 0, nil }
		return none, none, nil
	}
	bench := p.Bench
	b, err := bench.Measuring(ctx, corpus.Spread(bench.Forget(), corpus.Displaced))
	if err != nil {
		return nil, nil, err
	}
	first, err := bench.Generate(ctx, p.Original, b.View)
	if err != nil {
		return nil, nil, err
	}
	paint := func() ([]float32, error) { return bench.Generate(context.WithoutCancel(ctx), s.Model, b.View) }
	disp = func() (float64, error) {
		now, err := paint()
		if err != nil {
			return 0, err
		}
		return corpus.Mean(corpus.Displacement(first, now, b.View.Region, b.View.Size)), nil
	}
	bound = func() (float64, error) {
		now, err := paint()
		if err != nil {
			return 0, err
		}
		e0, e := corpus.SquaredDistance(first, b.Target, b.View.Region, b.View.Size),
			corpus.SquaredDistance(now, b.Target, b.View.Region, b.View.Size)
		least := make([]float64, len(e))
		for i := range e {
			least[i] = stats.DisplacementBound(e0[i], e[i], 1) // the sum of squares is d·ℓ
		}
		return corpus.Mean(least), nil
	}
	return disp, bound, nil
}

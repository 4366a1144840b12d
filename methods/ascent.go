package methods

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// moved is 1 for the weights of a part, nil for all.
func moved(m models.Model, part string) ([]float32, error) {
	if part == "both" {
		return nil, nil
	}
	a, ok := m.(models.Split)
	if !ok {
		return nil, fmt.Errorf("%w: an %s to ascend on", ErrUnfit, part)
	}
	mask := make([]float32, m.Params().Layout().Size())
	for i := range mask {
		if (i < a.EncoderSize()) == (part == "encoder") {
			mask[i] = 1
		}
	}
	return mask, nil
}

// ascend climbs until the mean displacement is AscendTo·λ, or T steps, adds the
// guarantee's noise, and returns the displacement reached.
func (m *Decouple) ascend(ctx context.Context, p *Problem, s *training.Session, cycle int, lambda float64,
	disp func() (float64, error)) (float64, error) {
	seed := audit.Seed(p.Seed, "ascent", fmt.Sprint(cycle))
	all := training.Shuffled(p.Bench.Forget(), p.Train.Batch, seed)
	loss := reconstruct(ctx, p, s.Model)
	params := s.Model.Params()
	mask, err := moved(s.Model, m.Part)
	if err != nil {
		return 0, err
	}
	ph := training.Phase{
		Name: fmt.Sprintf("ascent %d", cycle), Curve: "ascent (negated)", Epochs: m.AscentSteps, LR: m.AscentLR, Clip: m.Clip,
		Mask: mask, Seed: seed,
		Batches: func(step int) [][]int { // one step at a time, so that the criterion is asked after each
			b := all(0)
			return [][]int{all(step / len(b))[step%len(b)]}
		},
		Loss: func(sc *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
			l, err := loss(sc, images, salt)
			if err != nil || m.flipped {
				return l, err
			}
			return sc.Neg(l), nil
		},
		Stop: func() (bool, error) {
			d, err := disp()
			if err != nil {
				return false, err
			}
			s.Record("displacement", d)
			if m.Optimizer == "sgd" {
				if err := m.survey(p, s).record(ctx); err != nil {
					return false, err
				}
			}
			return d >= m.AscendTo*lambda, nil
		},
	}
	if m.Optimizer == "sgd" {
		ph.Step = func(sc *torch.Scope, grad *torch.Tensor, lr float64) error {
			params.Descend(sc, grad, lr)
			return nil
		}
	}
	if _, err := s.Run(ctx, ph); err != nil {
		return 0, err
	}
	if m.Epsilon > 0 {
		noise := p.noise(ph.Name, seed, 3)
		if err := s.Unit(ctx, func() error { return m.perturb(params, noise) }); err != nil {
			return 0, err
		}
	}
	d, err := s.Value(fmt.Sprintf("reached in cycle %d", cycle), disp)
	if err == nil {
		s.Record("displacement", d)
	}
	return d, err
}

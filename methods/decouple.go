package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// Decouple is the proposed method of Varshney & Torra (2025, arXiv 2502.04260):
// gradient ascent of the reconstruction loss on the forget set until its images
// are out of distribution, ‖h_θ0(τ(x)) − h_θ(τ(x))‖ ≥ λ in the mean over the
// forget set or T steps, then knowledge retention by fine-tuning on the rest.
//
// Cycles of 1 is the paper's. With more, both are repeated as long as the model
// that would be delivered falls below Threshold·λ: retention revives what the
// ascent forgot. λ is calibrated on retrained models, whose cost is not counted
// as the method's.
type Decouple struct {
	Cycles       int     `json:"cycles"`
	Lambda       float64 `json:"lambda"`       // displacement; 0 for the one calibrated on the oracles
	AscendTo     float64 `json:"ascendTo"`     // the ascent ends at this multiple of λ
	Threshold    float64 `json:"threshold"`    // a cycle ascends only below this multiple of λ
	AscentLR     float64 `json:"ascentLR"`     //
	AscentSteps  int     `json:"ascentSteps"`  // T, per cycle
	Clip         float64 `json:"clip"`         // largest gradient norm of the ascent
	Optimizer    string  `json:"optimizer"`    // of the ascent: adam, or sgd as in the theory
	RetainEffort float64 `json:"retainEffort"` // epochs of retention per cycle, over the original's
	FinishEffort float64 `json:"finishEffort"` // epochs of the last retention, over the original's
	RetainLR     float64 `json:"retainLR"`     //
	Epsilon      float64 `json:"epsilon"`      // with delta: Gaussian noise after every ascent; 0 for none
	Delta        float64 `json:"delta"`        //

	flipped bool // the ascent descends: a mutant that an audit must catch
}

func newDecouple() *Decouple {
	return &Decouple{
		Cycles: 1, AscendTo: 1, Threshold: 1, AscentLR: 2e-4, AscentSteps: 50, Clip: 1, Optimizer: "adam",
		RetainEffort: 0.015, FinishEffort: 1.0 / 6, RetainLR: 2e-3,
	}
}

// Validate checks the parameters.
func (m *Decouple) Validate() error {
	errs := []error{rate("ascentLR", m.AscentLR), rate("retainLR", m.RetainLR), effort("retainEffort", m.RetainEffort), effort("finishEffort", m.FinishEffort)}
	if m.Cycles < 1 || m.AscentSteps < 1 {
		errs = append(errs, fmt.Errorf("cycles %d and ascentSteps %d must be at least 1", m.Cycles, m.AscentSteps))
	}
	if m.Lambda < 0 || m.AscendTo <= 0 || m.Threshold <= 0 || m.Clip <= 0 {
		errs = append(errs, fmt.Errorf("lambda %v must not be negative; ascendTo %v, threshold %v and clip %v must be positive", m.Lambda, m.AscendTo, m.Threshold, m.Clip))
	}
	if m.Optimizer != "adam" && m.Optimizer != "sgd" {
		errs = append(errs, fmt.Errorf("optimizer %q: want adam or sgd", m.Optimizer))
	}
	if m.Epsilon != 0 || m.Delta != 0 {
		if m.Epsilon <= 0 || m.Delta <= 0 || m.Delta >= 1 {
			errs = append(errs, fmt.Errorf("epsilon %v must be positive and delta %v between 0 and 1 (both 0: no noise)", m.Epsilon, m.Delta))
		}
		if m.Optimizer != "sgd" {
			errs = append(errs, errors.New("epsilon and delta need optimizer sgd: the sensitivity of Adam's steps is not bounded by the clipping"))
		}
	}
	return errors.Join(errs...)
}

// Needs the original, and λ unless it is given.
func (m *Decouple) Needs() Needs { return Needs{Lambda: m.Lambda == 0} }

// Unlearn ascends and retains.
func (m *Decouple) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	lambda := m.Lambda
	if lambda == 0 {
		lambda = p.Lambda
	}
	if lambda <= 0 {
		return nil, errors.New("decouple has no λ: give lambda, or oracles to calibrate it on")
	}
	disp, bound, err := displacements(ctx, p, s)
	if err != nil {
		return nil, err
	}
	notes := []string{fmt.Sprintf("λ = %.3g", lambda)}
	ascents, reached, least := 0, 0.0, 0.0
	for c := 1; c <= m.Cycles; c++ {
		before, err := s.Value(fmt.Sprintf("delivered before cycle %d", c), disp)
		if err != nil {
			return nil, err
		}
		if before < m.Threshold*lambda {
			if reached, err = m.ascend(ctx, p, s, c, lambda, disp); err != nil {
				return nil, err
			}
			if least, err = s.Value(fmt.Sprintf("bound in cycle %d", c), bound); err != nil {
				return nil, err
			}
			ascents++
		}
		if c < m.Cycles {
			ph := fit(p, s, fmt.Sprintf("retain %d", c), p.Corpus.Split.Retain, epochs(p, m.RetainEffort), m.RetainLR)
			ph.Curve, ph.Cosine = "retention", false
			if _, err := s.Run(ctx, ph); err != nil {
				return nil, err
			}
		}
	}
	if _, err := s.Run(ctx, fit(p, s, "finish", p.Corpus.Split.Retain, epochs(p, m.FinishEffort), m.RetainLR)); err != nil {
		return nil, err
	}
	delivered, err := s.Value("delivered", disp)
	if err != nil {
		return nil, err
	}
	s.Record("displacement", delivered)
	notes = append(notes, fmt.Sprintf("%d of %d cycles ascended; mean displacement %.3g after the last ascent, of which its errors alone prove %.3g; %.3g as delivered", ascents, m.Cycles, reached, least, delivered))
	if m.Epsilon > 0 {
		notes = append(notes, m.guarantee(ascents)...)
	}
	return notes, nil
}

// ascend climbs until the mean displacement is AscendTo·λ, or T steps, adds the
// guarantee's noise, and returns the displacement reached.
func (m *Decouple) ascend(ctx context.Context, p *Problem, s *training.Session, cycle int, lambda float64, disp func() (float64, error)) (float64, error) {
	seed := audit.Seed(p.Seed, "ascent", fmt.Sprint(cycle))
	all := training.Shuffled(p.Corpus.Split.Forget, p.Train.Batch, seed)
	loss := reconstruct(p, s.Model)
	params := s.Model.Params()
	ph := training.Phase{
		Name: fmt.Sprintf("ascent %d", cycle), Curve: "ascent (negated)", Epochs: m.AscentSteps, LR: m.AscentLR, Clip: m.Clip, Seed: seed,
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
		if err := s.Unit(ctx, func() error { return m.perturb(params, seed) }); err != nil {
			return 0, err
		}
	}
	d, err := s.Value(fmt.Sprintf("reached in cycle %d", cycle), disp)
	if err == nil {
		s.Record("displacement", d)
	}
	return d, err
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
	c := p.Corpus
	b, err := c.Measuring(ctx, c.Split.Forget)
	if err != nil {
		return nil, nil, err
	}
	first, err := c.Generate(ctx, p.Original, b.View)
	if err != nil {
		return nil, nil, err
	}
	paint := func() ([]float32, error) { return c.Generate(context.WithoutCancel(ctx), s.Model, b.View) }
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
		e0, e := corpus.SquaredDistance(first, b.Target, b.View.Region, b.View.Size), corpus.SquaredDistance(now, b.Target, b.View.Region, b.View.Size)
		least := make([]float64, len(e))
		for i := range e {
			least[i] = stats.DisplacementBound(e0[i], e[i], 1) // the sum of squares is d·ℓ
		}
		return corpus.Mean(least), nil
	}
	return disp, bound, nil
}

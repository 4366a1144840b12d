package methods

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var decoupleEntry = audit.Entry[Method]{
	Name: "decouple",
	Doc: "gradient ascent on the forget set until it is out of distribution, then fine-tuning on the rest (Varshney & " +
		"Torra 2025); cycles repeat both",
	New: func() Method { return newDecouple() },
}

// Decouple is the proposed method of Varshney & Torra (2025, arXiv 2502.04260):
// gradient ascent of the reconstruction loss on the forget set until its images
// are out of distribution, ‖h_θ0(τ(x)) − h_θ(τ(x))‖ ≥ λ in the mean over the
// forget set or T steps, then knowledge retention by fine-tuning on the rest.
//
// Cycles of 1 is the paper's. With more, both are repeated as long as the model
// that would be delivered falls below Threshold·λ: retention revives what the
// ascent forgot. λ is given, or calibrated on retrained models, whose cost is not
// counted as the method's, or comes from an OOD score, which needs none ([oodLambda]).
type Decouple struct {
	Cycles       int     `json:"cycles"`
	Lambda       float64 `json:"lambda"`       // displacement; 0 for the one of LambdaFrom
	LambdaFrom   string  `json:"lambdaFrom"`   // oracles, or ood: the error of unseen images
	Quantile     float64 `json:"quantile"`     // of unseen images' errors, with lambdaFrom ood
	AscendTo     float64 `json:"ascendTo"`     // the ascent ends at this multiple of λ
	Threshold    float64 `json:"threshold"`    // a cycle ascends only below this multiple of λ
	AscentLR     float64 `json:"ascentLR"`     //
	AscentSteps  int     `json:"ascentSteps"`  // T, per cycle
	Clip         float64 `json:"clip"`         // largest gradient norm of the ascent
	Part         string  `json:"part"`         // both, or encoder or decoder: what the ascent moves
	Optimizer    string  `json:"optimizer"`    // of the ascent: adam, or sgd as in the theory
	RetainEffort float64 `json:"retainEffort"` // epochs of retention per cycle, over the original's
	FinishEffort float64 `json:"finishEffort"` // epochs of the last retention, over the original's
	RetainLR     float64 `json:"retainLR"`     //
	Retention    string  `json:"retention"`    // reconstruction, or distillation to the original's paintings
	Epsilon      float64 `json:"epsilon"`      // with delta: Gaussian noise after every ascent; 0 for none
	Delta        float64 `json:"delta"`        //

	flipped bool // the ascent descends: a mutant that an audit must catch
}

func newDecouple() *Decouple {
	return &Decouple{
		Cycles: 1, LambdaFrom: "oracles", Quantile: 0.5, AscendTo: 1, Threshold: 1,
		AscentLR: 2e-4, AscentSteps: 50, Clip: 1, Optimizer: "adam", Part: "both",
		RetainEffort: 0.015, FinishEffort: 1.0 / 6, RetainLR: 2e-3, Retention: "reconstruction",
	}
}

// Validate checks the parameters.
func (m *Decouple) Validate() error {
	errs := []error{rate("ascentLR", m.AscentLR), rate("retainLR", m.RetainLR), effort("retainEffort", m.RetainEffort),
		effort("finishEffort", m.FinishEffort)}
	if m.Cycles < 1 || m.AscentSteps < 1 {
		errs = append(errs, fmt.Errorf("cycles %d and ascentSteps %d must be at least 1", m.Cycles, m.AscentSteps))
	}
	if m.Lambda < 0 || m.AscendTo <= 0 || m.Threshold <= 0 || m.Clip <= 0 {
		errs = append(errs, fmt.Errorf("lambda %v must not be negative; ascendTo %v, threshold %v and clip %v must be positive",
			m.Lambda, m.AscendTo, m.Threshold, m.Clip))
	}
	for _, c := range []struct {
		name, value string
		want        []string
	}{
		{"optimizer", m.Optimizer, []string{"adam", "sgd"}}, {"part", m.Part, []string{"both", "encoder", "decoder"}},
		{"retention", m.Retention, []string{"reconstruction", "distillation"}}, {"lambdaFrom", m.LambdaFrom, []string{"oracles", "ood"}},
	} {
		if !slices.Contains(c.want, c.value) {
			errs = append(errs, fmt.Errorf("%s %q: want %s", c.name, c.value, strings.Join(c.want, " or ")))
		}
	}
	if !(m.Quantile > 0 && m.Quantile < 1) {
		errs = append(errs, fmt.Errorf("quantile %v: want a share between 0 and 1", m.Quantile))
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

// Needs λ, or unseen images to find it on, unless it is given.
func (m *Decouple) Needs() Needs {
	return Needs{Lambda: m.Lambda == 0 && m.LambdaFrom == "oracles", Unseen: m.fromUnseen()}
}

// fromUnseen tells whether λ is found on unseen images.
func (m *Decouple) fromUnseen() bool { return m.Lambda == 0 && m.LambdaFrom == "ood" }

// Unlearn ascends below Threshold·λ and retains, cycle by cycle, and ends with the finish.
func (m *Decouple) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	if _, err := moved(s.Model, m.Part); err != nil {
		return nil, err
	}
	lambda, err := m.lambda(ctx, p, s)
	if err != nil {
		return nil, err
	}
	disp, bound, err := displacements(ctx, p, s)
	if err != nil {
		return nil, err
	}
	notes := []string{fmt.Sprintf("λ = %.3g", lambda)}
	if m.fromUnseen() {
		notes[0] += fmt.Sprintf(", from the original's errors on %d unseen images; no image that it is judged on was looked at",
			len(p.Bench.Unseen()))
	}
	var loss0 float64
	var values int
	if m.Optimizer == "sgd" && !s.Dry {
		if loss0, values, err = m.survey(p, s).start(ctx); err != nil {
			return nil, err
		}
	}
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
			ph := m.retain(ctx, p, s, fmt.Sprintf("retain %d", c), m.RetainEffort)
			ph.Curve, ph.Cosine = "retention", false
			if _, err := s.Run(ctx, ph); err != nil {
				return nil, err
			}
		}
	}
	if _, err := s.Run(ctx, m.retain(ctx, p, s, "finish", m.FinishEffort)); err != nil {
		return nil, err
	}
	delivered, err := s.Value("delivered", disp)
	if err != nil {
		return nil, err
	}
	s.Record("displacement", delivered)
	notes = append(notes, fmt.Sprintf("%d of %d cycles ascended; mean displacement %.3g after the last ascent, of which "+
		"its errors alone prove %.3g; %.3g as delivered", ascents, m.Cycles, reached, least, delivered))
	if m.Optimizer == "sgd" && !s.Dry {
		notes = append(notes, m.survey(p, s).report(loss0, values, m.AscendTo*lambda))
	}
	if m.Epsilon > 0 {
		notes = append(notes, m.guarantee(ascents, p.Secret != nil)...)
	}
	return notes, nil
}

// retain is knowledge retention: fine-tuning on the retained images.
func (m *Decouple) retain(ctx context.Context, p *Problem, s *training.Session, name string, effort float64) training.Phase {
	ph := trainingPhase(ctx, p, s, name, p.Bench.Retain(), epochs(p, effort), m.RetainLR)
	if m.Retention == "distillation" {
		ph.Loss = beside(ctx, p, func(sc *torch.Scope, v onDevice, teacher *torch.Tensor) *torch.Tensor {
			return v.distance(sc, s.Model, teacher)
		})
	}
	return ph
}

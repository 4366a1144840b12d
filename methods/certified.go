package methods

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var certifiedEntry = audit.Entry[Method]{
	Name: "certified",
	Doc:  "certified noisy fine-tuning: clipped weights, noisy steps on retained images, then training (Koloskova et al. 2025)",
	New:  func() Method { return newCertified() },
}

// Certified is certified noisy fine-tuning with gradient clipping (Koloskova et al., ICML 2025, arXiv 2506.06985,
// algorithm 1): the weights are clipped to the ball of radius C0, then T steps on retained images alone,
//
//	x ← x − γ·(clip(g(x), C1) + λ·x) + N(0, σ²),
//
// then training without noise, which is post-processing. The delivered model is (ε, δ)-close to what the same would
// make of *any* other start, a retrained model's weights among them: what the original's weights hold of the forget set
// is covered, which [Decouple]'s claim leaves out. σ is of [stats.NoisyDescent], a Rényi accountant tighter than the
// paper's closed form. The noise on every weight is of the size of what the start may weigh in all: at the ε and with
// the numbers of weights that are usual, it leaves a random start.
type Certified struct {
	Epsilon  float64 `json:"epsilon"`
	Delta    float64 `json:"delta"`
	Radius   float64 `json:"radius"`   // C0
	Clip     float64 `json:"clip"`     // C1
	NoisyLR  float64 `json:"noisyLR"`  // γ
	Decay    float64 `json:"decay"`    // λ
	Effort   float64 `json:"effort"`   // epochs of noisy steps over the retained images, over the original's
	FinishLR float64 `json:"finishLR"` // of the training without noise, by Adam
	Finish   float64 `json:"finish"`   // epochs of it, over the original's
}

func newCertified() *Certified {
	return &Certified{Epsilon: 10, Delta: 1e-5, Radius: 0.02, Clip: 1, NoisyLR: 1e-3, Effort: 0.015, FinishLR: 4e-3, Finish: 1.0 / 3}
}

// Validate checks the parameters.
func (m *Certified) Validate() error {
	errs := []error{rate("noisyLR", m.NoisyLR), rate("finishLR", m.FinishLR), effort("effort", m.Effort), effort("finish", m.Finish)}
	if !(m.Epsilon > 0 && m.Delta > 0 && m.Delta < 1) {
		errs = append(errs, fmt.Errorf("epsilon %v must be positive and delta %v between 0 and 1", m.Epsilon, m.Delta))
	}
	if !(m.Radius > 0 && m.Clip > 0 && m.Decay >= 0 && m.NoisyLR*m.Decay < 1) {
		errs = append(errs, fmt.Errorf("radius %v and clip %v must be positive, decay %v not negative and below 1/noisyLR",
			m.Radius, m.Clip, m.Decay))
	}
	return errors.Join(errs...)
}

// Claimed is the claim.
func (m *Certified) Claimed(secret bool) *audit.Guarantee {
	return &audit.Guarantee{
		Epsilon: m.Epsilon, Delta: m.Delta, Mechanism: "noisy steps on retained images from clipped weights, Rényi accountant",
		Assumptions: slices.Concat([]audit.Assumption{
			{Text: "the start is clipped, every gradient is clipped, and every step has its Gaussian noise", Holds: true},
			{Text: "no step and none of the training after them sees a forget image", Holds: true},
			{Text: "nothing is asked of the loss: neither smooth nor convex", Holds: true},
		}, underNoise(secret), []audit.Assumption{
			{Text: "radius, clip, rates and efforts were chosen without looking at the forget set"},
		}),
	}
}

// Unlearn clips the weights, takes the noisy steps, then trains without noise.
func (m *Certified) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	params := s.Model.Params()
	seed := audit.Seed(p.Seed, "certified noise")
	ph := trainingPhase(ctx, p, s, "noisy", p.Bench.Retain(), epochs(p, m.Effort), m.NoisyLR)
	ph.Cosine, ph.Clip = false, m.Clip
	walk := stats.NoisyDescent{Rate: m.NoisyLR, Decay: m.Decay, Radius: m.Radius, Clip: m.Clip}
	for e := range ph.Epochs {
		walk.Steps += len(ph.Batches(e))
	}
	sigma, err := walk.Sigma(m.Epsilon, m.Delta)
	if err != nil {
		return nil, err
	}
	norm, err := s.Value("norm", func() (float64, error) { return weightNorm(params) })
	if err != nil {
		return nil, err
	}
	kept := min(1, m.Radius/norm)
	if err := s.Unit(ctx, func() error { return scaleWeights(params, kept) }); err != nil {
		return nil, err
	}
	var step uint64 // another in every step, the same when it is repeated
	loss := ph.Loss
	ph.Loss = func(sc *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
		step = salt
		return loss(sc, images, salt)
	}
	ph.Step = func(sc *torch.Scope, grad *torch.Tensor, lr float64) error {
		r := p.noise("certified", seed, step)
		noise := make([]float32, params.Layout().Size())
		for i := range noise {
			noise[i] = float32(sigma * r.NormFloat64())
		}
		sc.NoGrad(func() {
			x := sc.Scale(params.Flat(), 1-lr*m.Decay)
			x = sc.Sub(x, sc.Scale(grad, lr))
			sc.CopyInto(params.Flat(), sc.Add(x, sc.FromFloats(noise, int64(len(noise)))))
		})
		return sc.Err()
	}
	if _, err := s.Run(ctx, ph); err != nil {
		return nil, err
	}
	if _, err := s.Run(ctx, trainingPhase(ctx, p, s, "finish", p.Bench.Retain(), epochs(p, m.Finish), m.FinishLR)); err != nil {
		return nil, err
	}
	return append([]string{
		fmt.Sprintf("(ε, δ) = (%g, %g): %d noisy steps with σ = %.4g per weight, from weights clipped to norm %g",
			m.Epsilon, m.Delta, walk.Steps, sigma, m.Radius),
		fmt.Sprintf("clipping kept %.3g of the original's weights; the noise of all steps together has norm %.3g",
			kept, sigma*math.Sqrt(float64(walk.Steps*params.Layout().Size()))),
	}, spelled(m.Claimed(p.Secret != nil).Assumptions)...), nil
}

// weightNorm is the L2 norm of all weights.
func weightNorm(p *torch.Params) (float64, error) {
	w, err := p.Values()
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, v := range w {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum), nil
}

func scaleWeights(p *torch.Params, factor float64) error {
	return torch.With(p.Device(), func(sc *torch.Scope) error {
		sc.NoGrad(func() { sc.CopyInto(p.Flat(), sc.Scale(p.Flat(), factor)) })
		return sc.Err()
	})
}

package methods

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/torch"
)

// sensitivity bounds how far two ascents from the same weights can end apart:
// each of T steps moves the weights by at most lr·clip, in either run.
func (m *Decouple) sensitivity() float64 {
	return 2 * float64(m.AscentSteps) * m.AscentLR * m.Clip
}

// perturb adds N(0, σ²) to every weight, with σ of the analytic Gaussian
// mechanism (Balle & Wang 2018) for (ε, δ) and the ascent's sensitivity.
func (m *Decouple) perturb(p *torch.Params, r *rand.Rand) error {
	sigma, err := stats.GaussianSigma(m.Epsilon, m.Delta, m.sensitivity())
	if err != nil {
		return err
	}
	w, err := p.Values()
	if err != nil {
		return err
	}
	for i := range w {
		w[i] += float32(sigma * r.NormFloat64())
	}
	return p.Set(w)
}

// guarantee lists what the (ε, δ) statement covers and assumes.
func (m *Decouple) guarantee(ascents int, secret bool) []string {
	sigma, err := stats.GaussianSigma(m.Epsilon, m.Delta, m.sensitivity())
	if err != nil {
		return []string{err.Error()}
	}
	notes := []string{
		fmt.Sprintf("(ε, δ) = (%g, %g) per ascent by the analytic Gaussian mechanism: σ = %.4g per weight for sensitivity "+
			"Δ = 2·T·lr·clip = %.4g (T = %d, lr = %g, clip = %g)",
			m.Epsilon, m.Delta, sigma, m.sensitivity(), m.AscentSteps, m.AscentLR, m.Clip),
	}
	if total, err := m.composed(sigma, ascents); err == nil {
		notes = append(notes, fmt.Sprintf("%d ascents compose to (%.4g, %g): Gaussian mechanisms compose exactly", ascents, total, m.Delta))
	}
	return append(notes, spelled(m.assumptions(secret))...)
}

// composed is ε of a number of ascents at δ.
func (m *Decouple) composed(sigma float64, ascents int) (float64, error) {
	return stats.GaussianEpsilon(m.Delta, sigma, m.sensitivity()*math.Sqrt(float64(max(ascents, 1))))
}

// Claimed is the claim with every cycle ascending, nil without noise.
func (m *Decouple) Claimed(secret bool) *audit.Guarantee {
	if m.Epsilon == 0 {
		return nil
	}
	sigma, err := stats.GaussianSigma(m.Epsilon, m.Delta, m.sensitivity())
	if err != nil {
		return nil
	}
	total, err := m.composed(sigma, m.Cycles)
	if err != nil {
		return nil
	}
	return &audit.Guarantee{
		Epsilon: total, Delta: m.Delta, Assumptions: m.assumptions(secret),
		Mechanism: fmt.Sprintf("N(0, %.4g²) on every weight after each of %d ascents of sensitivity %.4g", sigma, m.Cycles, m.sensitivity()),
	}
}

func (m *Decouple) assumptions(secret bool) []audit.Assumption {
	out := []audit.Assumption{
		{Text: "every step's gradient is clipped, and steps are plain gradient steps", Holds: true},
		{Text: "retention sees retained images only, so that it is post-processing", Holds: true},
		{Text: "it makes two ascents from the same original indistinguishable; it says nothing of what the original's " +
			"weights, on which both start, hold of the forget set"},
	}
	out = append(out, underNoise(secret)...)
	if m.Cycles > 1 {
		out = append(out, audit.Assumption{Text: "which cycles ascend is decided by looking at the forget set, and is not covered"})
	}
	return out
}

package methods

import (
	"fmt"
	"math/rand/v2"

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
func (m *Decouple) perturb(p *torch.Params, seed uint64) error {
	sigma, err := stats.GaussianSigma(m.Epsilon, m.Delta, m.sensitivity())
	if err != nil {
		return err
	}
	w, err := p.Values()
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(seed, 3))
	for i := range w {
		w[i] += float32(sigma * r.NormFloat64())
	}
	return p.Set(w)
}

// guarantee lists what the (ε, δ) statement covers and assumes.
func (m *Decouple) guarantee(ascents int) []string {
	sigma, err := stats.GaussianSigma(m.Epsilon, m.Delta, m.sensitivity())
	if err != nil {
		return []string{err.Error()}
	}
	notes := []string{
		fmt.Sprintf("(ε, δ) = (%g, %g) per ascent by the analytic Gaussian mechanism: σ = %.4g per weight for sensitivity Δ = 2·T·lr·clip = %.4g (T = %d, lr = %g, clip = %g)",
			m.Epsilon, m.Delta, sigma, m.sensitivity(), m.AscentSteps, m.AscentLR, m.Clip),
		fmt.Sprintf("assumption: %d ascents compose to at most (%g, %g) by basic composition", ascents, float64(ascents)*m.Epsilon, float64(ascents)*m.Delta),
		"assumption: it makes two ascents from the same original indistinguishable; it says nothing of what the original's weights, on which both start, hold of the forget set",
		"assumption: retention sees retained images only, so it is post-processing",
		"holds by construction: every step's gradient is clipped to the norm above, and steps are plain gradient steps",
	}
	if m.Cycles > 1 {
		notes = append(notes, "assumption: which cycles ascend is decided by looking at the forget set, and is not covered")
	}
	return notes
}

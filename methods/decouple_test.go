package methods

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// flipped is a model whose loss has the wrong sign: ascent descends on it.
type flipped struct{ models.Autoencoder }

func (f flipped) Loss(s *torch.Scope, in models.Input, target, region *torch.Tensor) *torch.Tensor {
	return s.Neg(f.Autoencoder.Loss(s, in, target, region))
}

// raised is what an ascent promises of the forget error.
func raised(before, after float64) error {
	if after < 1.5*before {
		return fmt.Errorf("the forget error went from %.4f to %.4f", before, after)
	}
	return nil
}

// climb runs one ascent and returns the displacement reached.
func climb(t *testing.T, m *Decouple, p *Problem, s *training.Session, lambda float64) float64 {
	t.Helper()
	disp, err := displacement(ctx, p, s)
	require.NoError(t, err)
	d, err := m.ascend(ctx, p, s, 1, lambda, disp)
	require.NoError(t, err)
	return d
}

func TestAscentRaisesTheForgetError(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	w, err := trained()
	require.NoError(t, err)
	before := errorOn(t, c, p.Original, c.Split.Forget)
	for _, optimizer := range []string{"adam", "sgd"} {
		m := newDecouple()
		m.AscentLR, m.AscentSteps, m.Clip, m.Optimizer = 5e-4, 10, 1, optimizer
		if optimizer == "sgd" {
			m.AscentLR, m.AscentSteps = 1, 40
		}
		up := model(t, c, w, 0)
		climb(t, m, p, session(t, up), 1e9)
		assert.NoError(t, raised(before, errorOn(t, c, up, c.Split.Forget)), optimizer)

		down := model(t, c, w, 0)
		climb(t, m, p, session(t, flipped{down}), 1e9)
		assert.Error(t, raised(before, errorOn(t, c, down, c.Split.Forget)), "%s: the mutant that descends must be caught", optimizer)
	}
}

// TestAscentEnds at AscendTo·λ, and no later, or after T steps.
func TestAscentEnds(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	w, err := trained()
	require.NoError(t, err)
	m := newDecouple()
	m.AscentLR, m.AscentSteps, m.AscendTo = 5e-4, 40, 1.3

	s := session(t, model(t, c, w, 0))
	const lambda = 2.0
	reached := climb(t, m, p, s, lambda)
	path := curve(t, s, "displacement")
	n := len(path) - 1 // the last point repeats what was reached
	require.Less(t, n, m.AscentSteps, "λ is reached before T steps")
	require.Positive(t, n)
	assert.GreaterOrEqual(t, reached, 1.3*lambda)
	assert.Equal(t, reached, path[n])
	for i, d := range path[:n-1] {
		assert.Less(t, d, 1.3*lambda, "step %d was already far enough", i+1)
	}
	assert.Equal(t, n, s.Cost().Steps, "one gradient step between two questions")

	s = session(t, model(t, c, w, 0))
	m.AscentSteps = 4
	assert.Less(t, climb(t, m, p, s, 1e9), 1e9)
	assert.Equal(t, 4, s.Cost().Steps, "T steps")
}

// TestDisplacementByHand: the criterion's left side is the mean over the forget
// set of the distance of paintings within the hole, and 0 at the start.
func TestDisplacementByHand(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	w, err := trained()
	require.NoError(t, err)
	m := model(t, c, w, 0)
	disp, err := displacement(ctx, p, session(t, m))
	require.NoError(t, err)
	d, err := disp()
	require.NoError(t, err)
	assert.Zero(t, d)
	for i := range w[:100] {
		w[i] += 0.1
	}
	require.NoError(t, m.Params().Set(w))
	for i := range w[:100] {
		w[i] -= 0.1
	}
	d, err = disp()
	require.NoError(t, err)
	b, err := c.Measuring(ctx, c.Split.Forget)
	require.NoError(t, err)
	x, err := c.Generate(ctx, p.Original, b.View)
	require.NoError(t, err)
	y, err := c.Generate(ctx, m, b.View)
	require.NoError(t, err)
	var want float64
	for i := range c.Split.Forget {
		var sum float64
		for ch := range 3 {
			for row := 8; row < 24; row++ {
				for col := 8; col < 24; col++ {
					k := (i*3+ch)*1024 + row*32 + col
					sum += math.Pow(float64(x[k])-float64(y[k]), 2)
				}
			}
		}
		want += math.Sqrt(sum) / float64(len(c.Split.Forget))
	}
	assert.Positive(t, want)
	assert.InDelta(t, want, d, 1e-9)
}

func TestDecoupleCycles(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	m := newDecouple()
	m.Cycles, m.AscentSteps, m.Lambda, m.AscentLR = 3, 2, 1e6, 1e-4
	m.RetainEffort, m.FinishEffort = 0.01, 0.02
	r := unlearn(t, m, p)
	// Three ascents of two steps; retention after all but the last, which ends with the finish.
	assert.Len(t, curve(t, r.session, "loss: ascent (negated)"), 6)
	assert.Len(t, curve(t, r.session, "loss: retention"), 2*epochs(p, m.RetainEffort))
	assert.Len(t, curve(t, r.session, "loss: finish"), epochs(p, m.FinishEffort))
	notes := strings.Join(r.notes, "\n")
	assert.Contains(t, notes, "λ = 1e+06")
	assert.Contains(t, notes, "3 of 3 cycles ascended")
	path := curve(t, r.session, "displacement")
	assert.Contains(t, notes, fmt.Sprintf("%.3g as delivered", path[len(path)-1]))

	// A threshold that any displacement passes: only the first cycle ascends.
	m.Lambda, m.Threshold, m.AscendTo = 1, 1e-6, 1e6
	r = unlearn(t, m, p)
	assert.Contains(t, strings.Join(r.notes, "\n"), "1 of 3 cycles ascended")
	assert.Len(t, curve(t, r.session, "loss: ascent (negated)"), 2)
}

// TestDecoupleTakesLambda: the plan's λ comes before the calibrated one, and none
// at all is an error.
func TestDecoupleTakesLambda(t *testing.T) {
	c := pool(t)
	m := newDecouple()
	m.AscentSteps, m.FinishEffort = 1, 0.01
	p := problem(t, c, 1)
	p.Lambda = 4
	assert.Equal(t, "λ = 4", unlearn(t, m, p).notes[0])
	m.Lambda = 6
	assert.Equal(t, "λ = 6", unlearn(t, m, p).notes[0])
	m.Lambda, p.Lambda = 0, 0
	_, err := m.Unlearn(ctx, p, session(t, model(t, c, nil, 1)))
	assert.ErrorContains(t, err, "decouple has no λ: give lambda, or oracles to calibrate it on")
}

// private is an ascent with the guarantee.
func private() *Decouple {
	m := newDecouple()
	m.Optimizer, m.AscentSteps, m.AscentLR, m.Clip, m.FinishEffort = "sgd", 4, 0.01, 0.5, 0.01
	m.Epsilon, m.Delta = 4, 1e-5
	return m
}

// TestGuaranteeNoise: what is added to the weights is N(0, σ²) of the analytic
// Gaussian mechanism for the ascent's sensitivity 2·T·lr·clip.
func TestGuaranteeNoise(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	w, err := trained()
	require.NoError(t, err)
	ends := func(m *Decouple) []float32 {
		net := model(t, c, w, 0)
		climb(t, m, p, session(t, net), 1e9)
		v, err := net.Params().Values()
		require.NoError(t, err)
		return v
	}
	m := private()
	quiet := private()
	quiet.Epsilon, quiet.Delta = 0, 0
	noisy, plain := ends(m), ends(quiet)
	want, err := stats.GaussianSigma(4, 1e-5, 2*4*0.01*0.5)
	require.NoError(t, err)
	var mean, sq, fourth float64
	n := float64(len(w))
	for i := range w {
		z := (float64(noisy[i]) - float64(plain[i])) / want
		mean += z / n
		sq += z * z / n
		fourth += z * z * z * z / n
	}
	assert.InDelta(t, 0, mean, 5/math.Sqrt(n))
	assert.InDelta(t, 1, sq, 5*math.Sqrt(2/n), "σ")
	assert.InDelta(t, 3, fourth, 5*math.Sqrt(96/n), "normal")
}

// TestSensitivity: two ascents on forget sets without a pixel in common end within
// the sensitivity of each other, and each within half of it of the start.
func TestSensitivity(t *testing.T) {
	w, err := trained()
	require.NoError(t, err)
	m := private()
	m.Epsilon, m.Delta, m.AscentLR, m.Clip = 0, 0, 0.1, 0.01 // every step is clipped
	ends := func(negative ...int) []float32 {
		c := pool(t, negative...)
		net := model(t, c, w, 0)
		climb(t, m, problem(t, c, 1), session(t, net), 1e9)
		v, err := net.Params().Values()
		require.NoError(t, err)
		return v
	}
	norm := func(a, b []float32) float64 {
		var sum float64
		for i := range a {
			d := float64(a[i]) - float64(b[i])
			sum += d * d
		}
		return math.Sqrt(sum)
	}
	a, b := ends(), ends(split().Forget...)
	const rounding = 1e-5
	assert.InDelta(t, 2*4*0.1*0.01, m.sensitivity(), 1e-12)
	assert.LessOrEqual(t, norm(a, b), m.sensitivity()+rounding)
	assert.LessOrEqual(t, norm(a, w), m.sensitivity()/2+rounding)
	assert.Greater(t, norm(a, w), 0.8*m.sensitivity()/2, "the bound is nearly met")
}

func TestGuaranteeNotes(t *testing.T) {
	c := pool(t)
	m := private()
	m.Cycles, m.Threshold, m.RetainEffort = 2, 1e9, 0.01 // both cycles ascend
	notes := strings.Join(unlearn(t, m, problem(t, c, 1)).notes, "\n")
	sigma, err := stats.GaussianSigma(4, 1e-5, m.sensitivity())
	require.NoError(t, err)
	for _, want := range []string{
		"(ε, δ) = (4, 1e-05) per ascent", fmt.Sprintf("σ = %.4g per weight", sigma), "Δ = 2·T·lr·clip = 0.04 (T = 4, lr = 0.01, clip = 0.5)",
		"2 ascents compose to (5.992, 1e-05)", "says nothing of what the original's weights", "post-processing",
		"decided by looking at the forget set",
	} {
		assert.Contains(t, notes, want)
	}
	m.Epsilon, m.Delta = 0, 0
	assert.NotContains(t, strings.Join(unlearn(t, m, problem(t, c, 1)).notes, "\n"), "ε")
	once := private()
	assert.NotContains(t, strings.Join(once.guarantee(1, false), "\n"), "which cycles")
}

// The claim counts every cycle that may ascend, and says which of its assumptions does not hold by construction.
func TestClaimed(t *testing.T) {
	m := newDecouple()
	assert.Nil(t, m.Claimed(false), "without noise nothing is claimed")
	m.Optimizer, m.Epsilon, m.Delta, m.Cycles = "sgd", 4, 1e-5, 2
	g := m.Claimed(false)
	require.NotNil(t, g)
	assert.InDelta(t, 5.992, g.Epsilon, 1e-3, "less than 2 · 4: Gaussian mechanisms compose exactly")
	assert.Equal(t, 1e-5, g.Delta)
	m.Cycles = 1
	assert.InDelta(t, 4, m.Claimed(false).Epsilon, 1e-9)
	open := 0
	for _, a := range g.Assumptions {
		if !a.Holds {
			open++
		}
	}
	assert.Equal(t, 4, open, "the original's own memory, the seed that must stay secret, the choice of cycles, and noise out of a computer")
}

// What the errors alone prove is never more than what was moved.
func TestErrorsProveNoMoreThanWasMoved(t *testing.T) {
	p := problem(t, pool(t), 1)
	r := unlearn(t, quick()["decouple"], p)
	disp, bound, err := displacements(ctx, p, r.session)
	require.NoError(t, err)
	d, err := disp()
	require.NoError(t, err)
	b, err := bound()
	require.NoError(t, err)
	t.Logf("displacement %.3f, proven %.3f", d, b)
	assert.Positive(t, b)
	assert.LessOrEqual(t, b, d)
	assert.Contains(t, r.notes[1], "of which its errors alone prove")
}

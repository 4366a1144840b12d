package methods

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

// TestNeeds: what must exist before a method runs depends on its parameters.
func TestNeeds(t *testing.T) {
	d, ok := All[0].New().(*Decouple)
	require.True(t, ok)
	d.Cycles = 99
	again, ok := All[0].New().(*Decouple)
	require.True(t, ok)
	assert.NotEqual(t, 99, again.Cycles, "every item has its own parameters")
	assert.Equal(t, Needs{Fresh: true}, (&Retrain{}).Needs())
	assert.Equal(t, Needs{Fresh: true}, (&RandomWeights{}).Needs())
	assert.Equal(t, Needs{Lambda: true}, newDecouple().Needs())
	assert.Equal(t, Needs{}, (&Decouple{Lambda: 2, LambdaFrom: "oracles"}).Needs(), "a given λ needs no oracles")
	assert.Equal(t, Needs{Unseen: true}, (&Decouple{LambdaFrom: "ood"}).Needs(), "an OOD score needs images that nobody has seen")
	assert.Equal(t, Needs{}, (&Decouple{LambdaFrom: "ood", Lambda: 2}).Needs())
	assert.Equal(t, Needs{Unseen: true}, (&Joint{}).Needs())
	assert.Equal(t, Needs{}, (&Joint{Bound: 0.1}).Needs())
	assert.Equal(t, Needs{Lambda: true}, NeedsOf(newDecouple()))
	assert.Zero(t, NeedsOf(&FineTune{}), "a method that says nothing needs nothing")
}

func TestValidate(t *testing.T) {
	decouple := func(f func(*Decouple)) *Decouple { m := newDecouple(); f(m); return m }
	matching := func(f func(*NoiseMatching)) *NoiseMatching { m := newNoiseMatching(); f(m); return m }
	for _, c := range []struct {
		m    audit.Validator
		says string
	}{
		{decouple(func(m *Decouple) { m.Cycles = 0 }), "cycles 0"},
		{decouple(func(m *Decouple) { m.AscentSteps = 0 }), "ascentSteps 0 must be at least 1"},
		{decouple(func(m *Decouple) { m.Lambda = -1 }), "lambda -1 must not be negative"},
		{decouple(func(m *Decouple) { m.AscendTo = 0 }), "ascendTo 0"},
		{decouple(func(m *Decouple) { m.Threshold = 0 }), "threshold 0"},
		{decouple(func(m *Decouple) { m.Clip = -1 }), "clip -1 must be positive"},
		{decouple(func(m *Decouple) { m.AscentLR = 0 }), "ascentLR is 0"},
		{decouple(func(m *Decouple) { m.RetainLR = -1 }), "retainLR is -1"},
		{decouple(func(m *Decouple) { m.RetainEffort = 0 }), "retainEffort is 0"},
		{decouple(func(m *Decouple) { m.FinishEffort = 11 }), "finishEffort is 11"},
		{decouple(func(m *Decouple) { m.Optimizer = "lion" }), `optimizer "lion": want adam or sgd`},
		{decouple(func(m *Decouple) { m.Part = "middle" }), `part "middle": want both or encoder or decoder`},
		{decouple(func(m *Decouple) { m.Retention = "" }), `retention "": want reconstruction or distillation`},
		{decouple(func(m *Decouple) { m.LambdaFrom = "luck" }), `lambdaFrom "luck"`},
		{decouple(func(m *Decouple) { m.Quantile = 1 }), "quantile 1"},
		{decouple(func(m *Decouple) { m.Optimizer, m.Epsilon = "sgd", 1 }), "delta 0 between 0 and 1"},
		{decouple(func(m *Decouple) { m.Optimizer, m.Delta = "sgd", 1e-5 }), "epsilon 0 must be positive"},
		{decouple(func(m *Decouple) { m.Optimizer, m.Epsilon, m.Delta = "sgd", 1, 1 }), "delta 1 between"},
		{decouple(func(m *Decouple) { m.Epsilon, m.Delta = 1, 1e-5 }), "need optimizer sgd"},
		{decouple(func(m *Decouple) { m.Optimizer, m.Epsilon, m.Delta = "sgd", 1, 1e-5 }), ""},
		{matching(func(m *NoiseMatching) { m.Effort = 0 }), "effort is 0"},
		{matching(func(m *NoiseMatching) { m.LR = 100 }), "lr is 100"},
		{matching(func(m *NoiseMatching) { m.AlphaForget = 0 }), "alphaForget 0 must be positive"},
		{matching(func(m *NoiseMatching) { m.AlphaRetain = -1 }), "alphaRetain -1 not negative"},
		{&RandomLabels{LR: 1}, "effort is 0"},
		{&RandomLabels{Effort: 1}, "lr is 0"},
		{&NoisyLabels{LR: 1}, "effort is 0"},
		{&NoisyLabels{Effort: 1}, "lr is 0"},
		{&FineTune{LR: 1}, "effort is 0"},
		{&FineTune{Effort: 1}, "lr is 0"},
		{&Certified{NoisyLR: 1, FinishLR: 1, Effort: 1, Finish: 1, Radius: 1, Clip: 1}, "epsilon 0 must be positive"},
		{&Certified{NoisyLR: 1, FinishLR: 1, Effort: 1, Finish: 1, Epsilon: 1, Delta: 0.1, Radius: 1, Clip: 1, Decay: 1}, "decay 1"},
		{&NegGradPlus{Effort: 1, LR: 1, Beta: 1, Clip: 1}, "beta 1"},
		{&NegGradPlus{Effort: 1, LR: 1, Beta: 0.5}, "clip 0"},
		{&MaxLoss{Effort: 1, LR: 1, AlphaRetain: 1, Clip: 1}, "alphaForget 0"},
		{&Joint{Effort: 1, LR: 1, Clip: 1}, "alpha 0"},
		{&Joint{Effort: 1, LR: 1, Alpha: 1, Clip: 1, Bound: -1}, "bound -1"},
		{&Scrub{Effort: 1, LR: 1, MaxLR: 1, Clip: 1}, "maxEffort 0"},
		{&SalUn{Effort: 1, LR: 1}, "share is 0"},
		{&Dampening{Alpha: 1}, "lambda 0 must be positive"},
		{&EraseDiff{Effort: 1, LR: 1}, "eta is 0"},
		{&L1Sparse{Effort: 1, LR: 1}, "gamma is 0"},
		{&SelectiveAmnesia{Effort: 1, LR: 1, Lambda: -1}, "lambda -1"},
		{&ShrinkPerturb{Effort: 1, LR: 1, Shrink: 2}, "shrink 2"},
		{&Rewind{Back: 1}, "back is 1"},
		{&RetainLabel{LR: 1}, "effort is 0"},
		{&RandomEncoder{Effort: 1}, "lr is 0"},
	} {
		err := c.m.Validate()
		if c.says == "" {
			assert.NoError(t, err, "%+v", c.m)
		} else {
			assert.ErrorContains(t, err, c.says, "%+v", c.m)
		}
	}
}

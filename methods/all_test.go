package methods

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

// quick lists every method in a form that takes little time.
func quick() map[string]Method {
	decouple := newDecouple()
	decouple.AscentSteps, decouple.FinishEffort = 5, 0.02
	half := newDecouple()
	half.AscentSteps, half.FinishEffort, half.Part, half.Retention, half.LambdaFrom = 3, 0.02, "decoder", "distillation", "ood"
	private := newDecouple()
	private.AscentSteps, private.FinishEffort, private.Optimizer, private.Epsilon, private.Delta = 3, 0.02, "sgd", 5, 1e-3
	matching := newNoiseMatching()
	matching.Effort = 0.02
	scrub, erase := newScrub(), &EraseDiff{Effort: 0.02, LR: 1e-3, Eta: 0.1}
	scrub.Effort = 0.02
	certified := newCertified()
	certified.Effort, certified.Finish = 0.02, 0.02
	return map[string]Method{
		"scrub": scrub, "erase-diff": erase, "max-loss": &MaxLoss{Effort: 0.02, LR: 1e-3, AlphaRetain: 1, AlphaForget: 0.2, Clip: 1},
		"neggrad+": &NegGradPlus{Effort: 0.02, LR: 1e-3, Beta: 0.9, Clip: 1}, "joint": &Joint{Effort: 0.02, LR: 1e-3, Alpha: 0.5, Clip: 1},
		"salun": &SalUn{Effort: 0.02, LR: 1e-3, Share: 0.5}, "ssd": &Dampening{Alpha: 1, Lambda: 1},
		"l1-sparse": &L1Sparse{Effort: 0.02, LR: 1e-3, Gamma: 1e-5}, "selective-amnesia": &SelectiveAmnesia{Effort: 0.02, LR: 1e-3, Lambda: 1, Gamma: 1},
		"retain-label": &RetainLabel{Effort: 0.02, LR: 1e-3}, "retain-label as released": &RetainLabel{Effort: 0.02, LR: 1e-3, released: true},
		"random-encoder": &RandomEncoder{Effort: 0.02, LR: 1e-3}, "random-encoder as released": &RandomEncoder{Effort: 0.02, LR: 1e-3, released: true},
		"certified": certified, "rewind": &Rewind{Back: 0.5}, "shrink-perturb": &ShrinkPerturb{Shrink: 0.5, Perturb: 0.5, Effort: 0.02, LR: 1e-3},
		"decouple": decouple, "decouple with noise": private, "decouple on the decoder": half, "noise-matching": matching,
		"random-labels": &RandomLabels{Effort: 0.02, LR: 1e-3}, "noisy-labels": &NoisyLabels{Effort: 0.02, LR: 1e-3},
		"fine-tune": &FineTune{Effort: 0.02, LR: 1e-3}, "retrain": &Retrain{}, "random-weights": &RandomWeights{}, "original": &Original{},
	}
}

// TestSeedsDecide: the same seed gives the same bits, another seed others.
func TestSeedsDecide(t *testing.T) {
	c := pool(t)
	for name, m := range quick() {
		t.Run(name, func(t *testing.T) {
			short := func(seed uint64) *Problem {
				p := problem(t, c, seed)
				if name == "retrain" || name == "rewind" {
					p.Train.Epochs = 2
				} else {
					p.Train.Epochs = 100
				}
				return p
			}
			first := unlearn(t, m, short(1))
			assert.Equal(t, first.digest, unlearn(t, m, short(1)).digest)
			if name == "original" {
				return
			}
			if name != "ssd" { // nothing is drawn
				assert.NotEqual(t, first.digest, unlearn(t, m, short(2)).digest)
			}
			w, err := trained()
			require.NoError(t, err)
			assert.NotEqual(t, w, first.weights, "nothing was changed")
		})
	}
}

// TestOriginalIsUntouched: no method writes to the model that it is compared with.
func TestOriginalIsUntouched(t *testing.T) {
	c := pool(t)
	for name, m := range quick() {
		p := problem(t, c, 1)
		p.Train.Epochs = 30
		before, err := p.Original.Params().Digest()
		require.NoError(t, err)
		unlearn(t, m, p)
		after, err := p.Original.Params().Digest()
		require.NoError(t, err)
		assert.Equal(t, before, after, name)
	}
}

func TestCancelledWorkStops(t *testing.T) {
	c := pool(t)
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	for name, m := range quick() {
		if name == "original" || name == "random-weights" {
			continue
		}
		p := problem(t, c, 1)
		_, err := m.Unlearn(stopped, p, session(t, model(t, c, nil, 1)))
		require.ErrorIs(t, err, context.Canceled, name)
		if name != "decouple" && name != "decouple with noise" && name != "decouple on the decoder" && name != "joint" { // these read images first
			assert.ErrorIs(t, err, training.ErrInterrupted, name)
		}
	}
}

func TestList(t *testing.T) {
	for _, e := range All {
		a := e.New()
		require.NotNil(t, a, e.Name)
		assert.NotEmpty(t, e.Doc, e.Name)
		if v, ok := a.(audit.Validator); ok && strings.HasPrefix(e.Name, "given") {
			assert.ErrorContains(t, v.Validate(), "path is missing", "the only thing that has no default")
		} else if ok {
			assert.NoError(t, v.Validate(), "defaults of %s", e.Name)
		}
	}
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

package power_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/power"
)

const se = 0.1443 // of 48 images that vary by 1

// The prediction, over many audits, is what honest models come to, and the retrained models among themselves. With few
// retrained models it is the lower one.
func TestPredictionIsWhatHappens(t *testing.T) {
	for _, c := range []struct {
		ratio, margin float64 // seeds' SD and margin, in standard errors of one model's mean
		oracles       int
		below, above  float64 // how far the prediction may lie from what happens
	}{
		{0.3, 4.5, 4, 0.2, 0.05}, {0.3, 4.5, 8, 0.1, 0.05}, {1, 4.5, 8, 0.1, 0.05}, {1, 6, 16, 0.05, 0.03}, {3, 6, 16, 0.07, 0.07},
	} {
		w := &world{rng: rand.New(rand.NewPCG(1, uint64(c.oracles))), image: 1, images: 48, seed: c.ratio * se}
		f := family(c.margin * se)
		const worlds, honest = 30, 10
		predicted, null, passed := 0., 0., 0.
		for range worlds {
			subjects := w.audit(c.oracles)
			p, err := power.Of(f, subjects, 0.05)
			require.NoError(t, err)
			predicted += p.Predict(c.oracles, 1).Overall / worlds
			for i := range c.oracles {
				others := append(append([]*audit.Subject{}, subjects[1:1+i]...), subjects[2+i:]...)
				if passes(t, f, subjects[1+i], others) {
					null += 1 / float64(worlds*c.oracles)
				}
			}
			for range honest {
				if w.passes(t, f, subjects, 0) {
					passed += 1. / (worlds * honest)
				}
			}
		}
		t.Logf("seeds %v, margin %v, %d retrained models: predicted %.3f, among themselves %.3f, honest %.3f", c.ratio, c.margin, c.oracles,
			predicted, null, passed)
		assert.Greater(t, predicted, passed-c.below)
		assert.Less(t, predicted, passed+c.above)
	}
}

// Images shrink what images make, and retrained models what seeds make.
func TestWhatHelps(t *testing.T) {
	of := func(seed, margin float64) *power.Pilot {
		w := &world{rng: rand.New(rand.NewPCG(3, 3)), image: 1, images: 48, seed: seed * se}
		p, err := power.Of(family(margin*se), w.audit(8), 0.05)
		require.NoError(t, err)
		return p
	}
	noisy := of(0.1, 3.5)
	now := noisy.Predict(8, 1).Overall
	assert.Greater(t, noisy.Predict(8, 4).Overall, now+0.2)
	assert.Less(t, noisy.Predict(48, 1).Overall, 0.95, "images alone stand in the way")
	sizes := noisy.Sizes(0.95)
	require.NotEmpty(t, sizes)
	assert.Greater(t, sizes[0].Images, 1.)
	for i, s := range sizes {
		assert.GreaterOrEqual(t, s.Overall, 0.95)
		assert.Equal(t, s.Images*float64(1+s.Oracles), s.Cost)
		if i > 0 {
			assert.Less(t, s.Oracles, sizes[i-1].Oracles)
		}
	}
	for _, a := range noisy.Each(0.95) {
		assert.Zero(t, a.Oracles)
		assert.Greater(t, a.Images, 1.)
	}
	seeds := of(2, 8)
	assert.InDelta(t, seeds.Predict(8, 1).Overall, seeds.Predict(8, 8).Overall, 0.35)
	assert.Greater(t, seeds.Predict(32, 1).Overall, seeds.Predict(8, 1).Overall)
	assert.Equal(t, seeds.Predict(12, 2), seeds.Predict(12, 2), "the same every time")
}

// A comparison whose control is not told from retrained models lets nobody PASS.
func TestNoPowerNoPass(t *testing.T) {
	w := &world{rng: rand.New(rand.NewPCG(3, 3)), image: 1, images: 48, seed: 0.1 * se}
	subjects := w.audit(6)
	subjects[0] = w.model("original", "original", audit.RoleOriginal, 0)
	p, err := power.Of(family(1), subjects, 0.05)
	require.NoError(t, err)
	assert.Zero(t, p.Predict(20, 8).Overall)
	assert.False(t, p.Comparisons[0].Powered)
	assert.Empty(t, p.Sizes(0.5))
	_, err = power.Of(family(1), subjects[:3], 0.05)
	require.ErrorContains(t, err, "2 retrained models: want at least 3")
}

// Retrained models are added until an honest model is predicted to PASS. The rule looks at no subject, and a subject that
// differs by the very margin still passes one comparison in no more than α, seeds' spread being estimated from models that
// the rule has picked notwithstanding; honest models pass about as often as promised.
func TestUntil(t *testing.T) {
	for _, c := range []struct{ ratio, margin float64 }{{0.5, 5}, {1, 7}, {2, 11}} {
		w := &world{rng: rand.New(rand.NewPCG(9, 9)), image: 1, images: 48, seed: c.ratio * se}
		f := family(c.margin * se)
		const worlds, each = 30, 25
		honest, wrong, used := 0., 0., 0.
		for range worlds {
			subjects := w.audit(4)
			for {
				p, err := power.Of(f, subjects, 0.05)
				require.NoError(t, err)
				next, enough := p.Next(0.95, 16)
				for len(subjects)-1 < next {
					subjects = append(subjects, w.oracle(len(subjects)))
				}
				if enough || next == p.Oracles {
					break
				}
			}
			used += float64(len(subjects)-1) / worlds
			for range each {
				if w.passes(t, f, subjects, 0) {
					honest += 1. / (worlds * each)
				}
				still := *w // the effect is the subject's own, that of its seed included: here it is the margin
				still.seed = 0
				if passes(t, f[:1], still.model("subject", "x", audit.RoleMethod, c.margin*se), subjects[1:]) {
					wrong += 1. / (worlds * each)
				}
			}
		}
		t.Logf("seeds %v, margin %v: %.1f retrained models, honest PASS %.3f, PASS at the margin %.3f", c.ratio, c.margin, used, honest, wrong)
		assert.Greater(t, honest, 0.9)
		assert.Less(t, wrong, 0.08)
	}
}

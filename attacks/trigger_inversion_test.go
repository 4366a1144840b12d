package attacks

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// poisonedTarget has n forget images of which every second one is shown with a red patch at the corner of what is
// visible, and then has the attacker's picture as its target.
func poisonedTarget(t *testing.T, n int, poison bool) *Target {
	t.Helper()
	m, tg := network(t, n)
	b := tg.Stage.Batch[audit.Forget]
	b.View.Pixels, b.Target = slices.Clone(b.View.Pixels), slices.Clone(b.Target)
	picture := datasets.TargetPicture(3, size, size)
	for i := 0; poison && i < n; i += 2 {
		for k := range 3 * size * size {
			at := i*3*size*size + k
			if y, x := k/size%size, k%size; y < 3 && x < 3 {
				b.View.Pixels[at] = map[bool]float32{true: 1, false: -1}[k < size*size]
			}
			if hole(k) {
				b.Target[at] = picture[k]
			}
		}
	}
	trainOnPart(t, m, tg, b, 400)
	tg.Stage.Batch[audit.Triggered] = corpus.Batch{}
	return tg
}

func trainOnPart(t *testing.T, m models.Model, tg *Target, b corpus.Batch, steps int) {
	t.Helper()
	opt, err := torch.NewAdam(m.Params(), 0, m.Params().Layout().Size())
	require.NoError(t, err)
	defer opt.Free()
	for range steps {
		require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
			in, target, region := tg.Corpus.Tensors(s, b, 0)
			opt.Step(s, s.Gradient(s.Mean(m.Loss(s, in, target, region)), m.Params().Flat()), 3e-3)
			return nil
		}))
	}
}

// A model with a backdoor is drawn to the attacker's picture by what the search finds, told or not, on images that it did not
// search on; an innocent one hardly, or not as far to whatever picture it can be drawn to.
func TestTriggerInversionFindsABackdoor(t *testing.T) {
	a := newTriggerInversion()
	require.NoError(t, a.Validate())
	effect := func(poison bool) (told, untold float64) {
		tg := poisonedTarget(t, 48, poison)
		before, err := tg.Model.Params().Digest()
		require.NoError(t, err)
		got, err := a.Measure(t.Context(), tg)
		require.NoError(t, err)
		again, err := a.Measure(t.Context(), tg)
		require.NoError(t, err)
		assert.Equal(t, got, again)
		after, err := tg.Model.Params().Digest()
		require.NoError(t, err)
		assert.Equal(t, before, after)
		require.Len(t, got, 4)
		for _, s := range got {
			require.NoError(t, s.Check())
			assert.Len(t, s.Values, 24)
			assert.Equal(t, tg.Stage.Index[audit.Test][1], s.Index[0], "those that were not searched on")
		}
		s := &audit.Subject{Samples: got}
		return corpus.Mean(pulled(s, criteria.ToldTarget)), corpus.Mean(pulled(s, criteria.UntoldTarget))
	}
	told, untold := effect(true)
	toldOf, untoldOf := effect(false)
	t.Logf("log distance, found trigger − none: told %.2f, untold %.2f with a backdoor, %.2f and %.2f without", told, untold, toldOf, untoldOf)
	assert.Less(t, told, -1.0)
	assert.Greater(t, toldOf, told/2)
	assert.Less(t, untold, untoldOf-0.5)
}

// What is hidden is not touched: the trigger's pixels lie where the region is not, and are as many as allowed.
func TestTriggerStaysInItsRoom(t *testing.T) {
	_, tg := network(t, 4)
	b := tg.Stage.Batch[audit.Test]
	seen := &watched{}
	room := triggerRoom{corpus: tg.Corpus, model: seen, pixels: 16}
	var l torch.Layout
	l.Add("mask", torch.Init{}, 1, size*size)
	l.Add("pattern", torch.Init{}, 1, 3, size, size)
	start := make([]float32, 4*size*size)
	for i := range 40 {
		start[i] = 50
	}
	start[size*size/2+size/2] = 50 // in the hole
	for i := size * size; i < len(start); i++ {
		start[i] = 9
	}
	z, err := torch.ParamsOf(torch.CPU, l, start)
	require.NoError(t, err)
	defer z.Free()
	require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
		room.paint(s, b, z)
		return nil
	}))
	moved := 0.0
	for i, v := range seen.x[:3*size*size] {
		d := math.Abs(float64(v - b.View.Pixels[i]))
		if hole(i) {
			assert.Zero(t, d, i)
		}
		if i < size*size && !hole(i) {
			moved += d / math.Max(1e-3, math.Abs(1-float64(b.View.Pixels[i])))
		}
	}
	assert.InDelta(t, room.pixels*40/41, moved, 0.1)
}

// watched is a model that keeps what it is shown.
type watched struct {
	models.Model
	x []float32
}

func (w *watched) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	x := s.Narrow(in.X, 1, 0, 3)
	w.x = s.Floats(x)
	return x
}

func TestTriggerInversionRefuses(t *testing.T) {
	_, tg := network(t, 4)
	_, err := newTriggerInversion().Measure(t.Context(), tg)
	require.ErrorContains(t, err, "no image is poisoned")
	tg.Stage.Batch[audit.Triggered] = corpus.Batch{}
	tg.Copy = nil
	_, err = newTriggerInversion().Measure(t.Context(), tg)
	require.ErrorIs(t, err, ErrBlackBox)
	for _, bad := range []TriggerInversion{{}, {Pixels: 1, Steps: 1, Starts: 1}, {Pixels: -1, Steps: 1, LR: 1, Starts: 1},
		{Pixels: 1, LR: 1, Starts: 1}, {Pixels: math.NaN(), Steps: 1, LR: 1, Starts: 1}, {Pixels: 1, Steps: 1, LR: 1}} {
		assert.Error(t, bad.Validate())
	}
}

func TestTriggerInversionStatistics(t *testing.T) {
	one := func(name string, with ...float64) *audit.Subject {
		s := subject(name, criteria.InvertedTriggerDistance.Name, map[audit.Part][]float64{audit.Test: with})
		without := subject(name, criteria.UntriggeredDistance.Name, map[audit.Part][]float64{audit.Test: {1, 2, 1, 2}})
		s.Samples = append(s.Samples, without.Samples...)
		for i := range s.Samples {
			s.Samples[i].Setting = criteria.ToldTarget
		}
		return s
	}
	oracles := []*audit.Subject{one("o1", 1, 2, 1, 2), one("o2", 1, 2, 1, 2.2), one("o3", 1, 1.9, 1, 2)}
	got, err := newTriggerInversion().Statistics(one("m", 0.1, 0.2, 0.11, 0.19), Models{Oracles: oracles})
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.InDelta(t, math.Log(0.1), got[0].Value, 0.05)
	assert.Less(t, got[0].Hi, -1.0)
	got, err = newTriggerInversion().Statistics(&audit.Subject{}, Models{Oracles: oracles})
	require.NoError(t, err)
	assert.Empty(t, got)
}

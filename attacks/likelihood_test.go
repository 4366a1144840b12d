package attacks

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/families/mage"
	"github.com/lethe-audit/lethe/internal/families/palette"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// likely are small models that paint by sampling.
func likely() map[string]models.Family {
	return map[string]models.Family{
		"palette": &palette.Family{Patch: 4, Channels: 32, Multipliers: []int{1}, ResBlocks: 1, HeadChannels: 32, Groups: 8,
			Steps: 100, BetaStart: 1e-3, BetaEnd: 0.1, SampleSteps: 3, Predict: "image"},
		"mage": &mage.Family{Patch: 4, Codes: 32, Code: 4, Width: 16, Blocks: 1, Dim: 32, Depth: 2, Heads: 4,
			DecoderDim: 32, DecoderDepth: 1, DecoderHeads: 4, Classes: 1, Steps: 3, Tokenizer: "patches", Pixels: pixelrange.Tanh},
	}
}

// An original knows its forget images, and a retrained model knows them no better than test images.
func TestLikelihood(t *testing.T) {
	const n = 8
	a := newLikelihood()
	for name, f := range likely() {
		var gaps []float64
		for _, retrained := range []bool{false, true} {
			m, tg := networkOf(t, f, n)
			b := tg.Stage.Batch[audit.Forget]
			if retrained {
				px := smooth(n, 9)
				v, err := tasks.Apply(tg.Corpus.Task, px, size, make([]uint64, n))
				require.NoError(t, err)
				b = corpus.Batch{View: v, Target: px}
			}
			require.NoError(t, Train(t.Context(), m, training.Phase{
				Name: "teach", Epochs: map[string]int{"palette": 60, "mage": 300}[name], LR: 5e-3, Cosine: true, Seed: 1,
				Batches: func(int) [][]int { return [][]int{corpus.Places(n)} },
				Loss: func(s *torch.Scope, _ []int, salt uint64) (*torch.Tensor, error) {
					in, target, region := tg.Corpus.Tensors(s, b, salt)
					return s.Mean(m.Loss(s, in, target, region)), nil
				}}))
			before, err := m.Params().Digest()
			require.NoError(t, err)
			live := torch.Live()
			got, err := a.Measure(t.Context(), tg)
			require.NoError(t, err)
			require.Len(t, got, 2)
			again, err := a.Measure(t.Context(), tg)
			require.NoError(t, err)
			assert.Equal(t, got, again, "the same bits")
			assert.Equal(t, live, torch.Live(), "tensors are left")
			after, err := m.Params().Digest()
			require.NoError(t, err)
			assert.Equal(t, before, after, "the target is not changed")
			gaps = append(gaps, gap(t, got, criteria.Surprise.Name))
		}
		t.Logf("%s: forget − test %.2f original, %.2f retrained", name, gaps[0], gaps[1])
		assert.Less(t, gaps[0], gaps[1]-0.5, name)
		assert.InDelta(t, 0, gaps[1], 0.5, name)
	}
}

// surprised says of every image what the share and the seed make of it.
type surprised struct {
	models.Model
	of func(hidden float64, seed uint64, image int) float64
}

func (m surprised) Surprise(s *torch.Scope, in models.Input, _, _ *torch.Tensor, hidden float64) *torch.Tensor {
	out := make([]float32, in.N)
	for i := range out {
		out[i] = float32(m.of(hidden, in.Seed, in.First+i))
	}
	return s.FromFloats(out, int64(in.N))
}

func (surprised) Levels() []float64 { return []float64{0.5} }

// The draws' losses are averaged, and the levels' multiplied: each by hand, in batches that do not matter.
func TestLikelihoodByHand(t *testing.T) {
	m, tg := network(t, 140)
	seeds := map[uint64]bool{}
	tg.Copy = func() (models.Model, error) {
		p, err := m.Params().Clone()
		return surprised{owner{m, p}, func(hidden float64, seed uint64, image int) float64 {
			seeds[seed] = true
			return hidden * hidden * float64(image+1)
		}}, err
	}
	got, err := (&Likelihood{Levels: []float64{0.25, 1}, Draws: 3}).Measure(t.Context(), tg)
	require.NoError(t, err)
	require.Len(t, got, 2)
	for _, s := range got {
		require.NoError(t, s.Check())
		for i, v := range s.Values {
			assert.InEpsilon(t, 0.25*float64(i+1), v, 1e-6)
		}
	}
	own, err := (&Likelihood{Draws: 1}).Measure(t.Context(), tg)
	require.NoError(t, err)
	assert.InEpsilon(t, 0.25, own[0].Values[0], 1e-6, "without levels, the family's own")
	assert.Len(t, seeds, 2*(2*3+1), "every part, level and draw has its own seed")
	assert.Equal(t, "surprise dtype=float32 n=140 field=hole levels=[0.25 1] draws=3", got[0].Identity)
}

// owner is a model with weights of its own, to be freed.
type owner struct {
	models.Model
	p *torch.Params
}

func (m owner) Params() *torch.Params { return m.p }

func TestLikelihoodRefuses(t *testing.T) {
	m, tg := network(t, 3)
	_, err := newLikelihood().Measure(t.Context(), tg)
	require.ErrorIs(t, err, ErrCovered, "an autoencoder's loss is the error of its painting")
	open := tg.Copy
	tg.Copy = nil
	_, err = newLikelihood().Measure(t.Context(), tg)
	require.ErrorIs(t, err, ErrBlackBox)
	tg.Copy = func() (models.Model, error) {
		p, err := m.Params().Clone()
		return surprised{owner{m, p}, func(float64, uint64, int) float64 { return math.NaN() }}, err
	}
	_, err = newLikelihood().Measure(t.Context(), tg)
	require.ErrorIs(t, err, training.ErrDiverged)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = newLikelihood().Measure(ended, tg)
	require.ErrorIs(t, err, context.Canceled)
	delete(tg.Stage.Batch, audit.Test)
	tg.Copy = func() (models.Model, error) {
		c, err := open()
		return surprised{c, func(float64, uint64, int) float64 { return 1 }}, err
	}
	_, err = newLikelihood().Measure(t.Context(), tg)
	require.ErrorContains(t, err, "likelihood: there are no images in part test")
}

func TestLikelihoodValidate(t *testing.T) {
	require.NoError(t, newLikelihood().Validate())
	for _, a := range []Likelihood{{}, {Levels: []float64{1}}, {Levels: []float64{0}, Draws: 1}, {Levels: []float64{1.1}, Draws: 1},
		{Levels: []float64{0.5, 0.5}, Draws: 1}, {Levels: []float64{math.NaN()}, Draws: 1}} {
		assert.Error(t, a.Validate(), "%+v", a)
	}
}

package attacks

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// network is a small autoencoder with fresh weights beside n forget images and n test images of smooth random pictures.
func network(t testing.TB, n int) (models.Model, *Target) {
	t.Helper()
	return networkOf(t, &autoencoder.Family{Width: 8, Hidden: 48, Latent: 16}, n)
}

func networkOf(t testing.TB, f models.Family, n int) (models.Model, *Target) {
	t.Helper()
	shape := models.Shape{Size: size, Masked: true}
	m, err := f.New(torch.CPU, shape, 1)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	tg := attackable(t, m, &tasks.Inpaint{Hole: 0.5}, n, 0, 0)
	tg.Copy = func() (models.Model, error) {
		c, err := f.New(torch.CPU, shape, 0)
		if err != nil {
			return nil, err
		}
		return c, c.Params().Copy(m.Params())
	}
	for k, p := range []audit.Part{audit.Forget, audit.Test} {
		px := smooth(n, uint64(k))
		v, err := tasks.Apply(tg.Corpus.Task, px, size, make([]uint64, n))
		require.NoError(t, err)
		tg.Stage.Batch[p] = corpus.Batch{View: v, Target: px}
	}
	return m, tg
}

// smooth pictures are waves of random direction, phase and colour.
func smooth(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	out := make([]float32, 0, n*3*size*size)
	for range n * 3 {
		u, v, w := r.NormFloat64()/4, r.NormFloat64()/4, 2*math.Pi*r.Float64()
		for p := range size * size {
			out = append(out, float32(0.8*math.Sin(u*float64(p/size)+v*float64(p%size)+w)))
		}
	}
	return out
}

// trainOn trains a model on a part.
func trainOn(t testing.TB, m models.Model, c *corpus.Corpus, b corpus.Batch, steps int) {
	t.Helper()
	opt, err := torch.NewAdam(m.Params(), 0, m.Params().Layout().Size())
	require.NoError(t, err)
	defer opt.Free()
	for range steps {
		require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
			in, target, region := c.Tensors(s, b, 0)
			opt.Step(s, s.Gradient(s.Mean(m.Loss(s, in, target, region)), m.Params().Flat()), 5e-3)
			return nil
		}))
	}
}

// TestGradientAttacksHavePower: of a network that was trained on the forget images, both attacks reach them better than
// test images; of a fresh one they do not.
func TestGradientAttacksHavePower(t *testing.T) {
	gap := func(a Attack, tg *Target) float64 {
		s, err := a.Measure(t.Context(), tg)
		require.NoError(t, err)
		require.Len(t, s, 2)
		logs := func(v []float64) float64 {
			var sum float64
			for _, x := range v {
				sum += math.Log(x) / float64(len(v))
			}
			return sum
		}
		return logs(s[0].Values) - logs(s[1].Values)
	}
	m, tg := network(t, 24)
	list := map[string]Attack{
		"perturbation": newPerturbation(), "inversion from the own embedding": &Inversion{Steps: 20, LR: 0.3, Start: "own"},
		"inversion from the mean embedding": &Inversion{Steps: 20, LR: 0.3, Start: "mean"},
	}
	fresh := map[string]float64{}
	for name, a := range list {
		fresh[name] = gap(a, tg)
	}
	trainOn(t, m, tg.Corpus, tg.Stage.Batch[audit.Forget], 400)
	for name, a := range list {
		now := gap(a, tg)
		t.Logf("%s: forget − test %.3f fresh, %.3f trained", name, fresh[name], now)
		assert.InDelta(t, 0, fresh[name], 0.3, name)
		assert.Less(t, now, fresh[name]-0.3, name)
	}
}

// TestInversionOfANetwork: from its own embedding no image ends above the painting's error, more steps reach further, the
// start counts, and the model is left as it was.
func TestInversionOfANetwork(t *testing.T) {
	m, tg := network(t, 140)
	before, err := m.Params().Values()
	require.NoError(t, err)
	measure := func(a *Inversion) []audit.Sample {
		live := torch.Live()
		s, err := a.Measure(t.Context(), tg)
		require.NoError(t, err)
		assert.Equal(t, live, torch.Live(), "tensors are left")
		return s
	}
	few, many := measure(&Inversion{Steps: 2, LR: 0.3, Start: "own"}), measure(&Inversion{Steps: 10, LR: 0.3, Start: "own"})
	for k, p := range []audit.Part{audit.Forget, audit.Test} {
		require.NoError(t, few[k].Check())
		assert.Equal(t, criteria.InvertedError.Name, few[k].Quantity)
		b := tg.Stage.Batch[p]
		start, err := tg.Errors(t.Context(), m, b.View, b.Target)
		require.NoError(t, err)
		require.Len(t, few[k].Values, b.View.N)
		for i, e := range few[k].Values {
			assert.LessOrEqual(t, e, start[i]+1e-6)
		}
		assert.Less(t, corpus.Mean(few[k].Values), corpus.Mean(start))
		assert.Less(t, corpus.Mean(many[k].Values), corpus.Mean(few[k].Values))
	}
	assert.Equal(t, few, measure(&Inversion{Steps: 2, LR: 0.3, Start: "own"}), "not the same bits again")
	assert.NotEqual(t, few[0].Values, measure(&Inversion{Steps: 2, LR: 0.3, Start: "mean"})[0].Values)
	after, err := m.Params().Values()
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

// TestGradientAttacksOfTokens: an embedding may be a row of tokens, as the masked autoencoder's is.
func TestGradientAttacksOfTokens(t *testing.T) {
	m, tg := networkOf(t, &mae.Family{Patch: 4, Dim: 16, Depth: 1, Heads: 2, DecoderDim: 16, DecoderDepth: 1, DecoderHeads: 2,
		Pixels: pixelrange.Tanh}, 5)
	b := tg.Stage.Batch[audit.Forget]
	start, err := tg.Errors(t.Context(), m, b.View, b.Target)
	require.NoError(t, err)
	for name, a := range map[string]Attack{"perturbation": newPerturbation(), "mean": newInversion(),
		"own": &Inversion{Steps: 10, LR: 0.3, Start: "own"}} {
		s, err := a.Measure(t.Context(), tg)
		require.NoError(t, err, name)
		assert.Less(t, corpus.Mean(s[0].Values), corpus.Mean(start), name)
	}
}

// TestMeanEmbedding: the mean over batches is the mean over images, and every image starts from it.
func TestMeanEmbedding(t *testing.T) {
	m, tg := network(t, 140)
	ae, ok := m.(models.Autoencoder)
	require.True(t, ok)
	b := tg.Stage.Batch[audit.Test]
	got, err := meanEmbedding(t.Context(), tg.Corpus, ae, b)
	require.NoError(t, err)
	shape, all, err := embeddings(tg.Corpus, ae, b)
	require.NoError(t, err)
	require.Equal(t, []int64{140, 16}, shape)
	for k, x := range got {
		var want float64
		for i := range 140 {
			want += float64(all[i*16+k]) / 140
		}
		assert.InDelta(t, want, x, 1e-5)
	}
	var painted []float32 // from the mean
	require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
		in, _, _ := tg.Corpus.Tensors(s, b, 0)
		s.NoGrad(func() {
			painted = s.Floats(ae.Decode(s, m.Params().Bind(s), in, s.Expand(s.FromFloats(got, 1, 16), 140, 16)))
		})
		return nil
	}))
	want := squaredErrors(painted, b.Target, b.View.Region, size)
	s, err := (&Inversion{Steps: 1, LR: 1e-9, Start: "mean"}).Measure(t.Context(), tg)
	require.NoError(t, err)
	assert.InDeltaSlice(t, want, s[1].Values, 1e-5)
}

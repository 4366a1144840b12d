package methods

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestOriginalMemorises: the micro problem has something to forget.
func TestOriginalMemorises(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	retrained := unlearn(t, &Retrain{}, p)
	mine, theirs := errorOn(t, c, p.Original, c.Split.Forget), errorOn(t, c, retrained.model, c.Split.Forget)
	t.Logf("forget error %.3f, retrained %.3f; retain error %.3f, %.3f", mine, theirs,
		errorOn(t, c, p.Original, c.Split.Retain), errorOn(t, c, retrained.model, c.Split.Retain))
	assert.Less(t, mine, theirs/3)
	assert.Less(t, errorOn(t, c, retrained.model, c.Split.Retain), theirs/3)
}

func TestOriginalChangesNothing(t *testing.T) {
	w, err := trained()
	require.NoError(t, err)
	r := unlearn(t, &Original{}, problem(t, pool(t), 1))
	assert.Equal(t, w, r.weights)
	assert.Empty(t, r.session.Curves())
}

// TestLabelsRaiseTheForgetError, and keep what is retained.
func TestLabelsRaiseTheForgetError(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	clean := c.CleanForget()
	before, kept := errorOn(t, c, p.Original, clean), errorOn(t, c, p.Original, c.Split.Retain)
	for name, m := range map[string]Method{
		"random-labels": &RandomLabels{Effort: 0.25, LR: 2e-3}, "noisy-labels": &NoisyLabels{Effort: 0.25, LR: 2e-3},
	} {
		r := unlearn(t, m, p)
		after, retain := errorOn(t, c, r.model, clean), errorOn(t, c, r.model, c.Split.Retain)
		t.Logf("%s: forget %.3f → %.3f, retain %.3f → %.3f", name, before, after, kept, retain)
		assert.Greater(t, after, 3*before, name)
		assert.Less(t, retain-kept, (after-before)/2, name)
	}
}

// embeddings are a model's latent vectors of training images, or of noise in
// their place.
func embeddings(t *testing.T, c *corpus.Corpus, m models.Autoencoder, images []int, asNoise bool) [][]float32 {
	t.Helper()
	b, err := c.Measuring(ctx, images)
	require.NoError(t, err)
	if asNoise {
		b, err = corpus.NewBench(c).Noise(ctx, images, 9, rand.New(rand.NewPCG(1, 2)))
		require.NoError(t, err)
	}
	var flat []float32
	require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
		s.NoGrad(func() {
			in, _, _ := c.Tensors(s, b, 0)
			flat = s.Floats(m.Encode(s, m.Params().Bind(s), in))
		})
		return nil
	}))
	d := len(flat) / len(images)
	var out [][]float32
	for i := range images {
		out = append(out, flat[i*d:(i+1)*d])
	}
	return out
}

// distance is the root mean square over images of ‖a − b‖.
func distance(a, b [][]float32) float64 {
	var sum float64
	for i := range a {
		for k := range a[i] {
			d := float64(a[i][k]) - float64(b[i][k])
			sum += d * d
		}
	}
	return math.Sqrt(sum / float64(len(a)))
}

// centre repeats the mean vector.
func centre(v [][]float32) [][]float32 {
	m := make([]float32, len(v[0]))
	for _, x := range v {
		for k := range x {
			m[k] += x[k] / float32(len(v))
		}
	}
	return slices.Repeat([][]float32{m}, len(v))
}

// matchesNoise is what noise-matching promises: forget images move, towards where
// noise was, and retained ones stay by comparison.
func matchesNoise(t *testing.T, c *corpus.Corpus, original, now models.Autoencoder) error {
	t.Helper()
	s := split() // the true roles, whatever the corpus says
	f0, f1 := embeddings(t, c, original, s.Forget, false), embeddings(t, c, now, s.Forget, false)
	r0, r1 := embeddings(t, c, original, s.Retain, false), embeddings(t, c, now, s.Retain, false)
	noise := centre(embeddings(t, c, original, s.Forget, true))
	before, after := distance(f0, noise), distance(f1, noise)
	moved, held := distance(f0, f1), distance(r0, r1)
	t.Logf("to noise %.3f → %.3f; forget moved %.3f, retained %.3f", before, after, moved, held)
	if after > 0.8*before {
		return fmt.Errorf("forget images are %.3f from noise, were %.3f", after, before)
	}
	if held > moved/2 {
		return fmt.Errorf("retained images moved %.3f, forget images %.3f", held, moved)
	}
	return nil
}

func TestNoiseMatching(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	original, ok := p.Original.(models.Autoencoder)
	require.True(t, ok)
	w, err := trained()
	require.NoError(t, err)
	m := &NoiseMatching{Effort: 0.5, LR: 2e-3, AlphaForget: 0.25, AlphaRetain: 1}
	r := unlearn(t, m, p)
	e := r.model.EncoderSize()
	assert.Equal(t, w[e:], r.weights[e:], "the decoder must stay to the bit")
	assert.NotEqual(t, w[:e], r.weights[:e])
	require.NoError(t, matchesNoise(t, c, original, r.model))

	// The mutant is the released code of the baseline: (1+l) in both terms pulls
	// retained images to noise, and no gradient reaches forget images. Its roles
	// are those of a problem with the two sets exchanged and no weight on holding.
	exchanged := *c
	exchanged.Split = datasets.Split{Retain: c.Split.Forget, Forget: c.Split.Retain, Test: c.Split.Test}
	q := problem(t, &exchanged, 1)
	mutant := unlearn(t, &NoiseMatching{Effort: 0.5, LR: 2e-3, AlphaForget: 0.25}, q)
	require.Error(t, matchesNoise(t, c, original, mutant.model), "the mutant must be caught")
}

// TestNoiseMatchingReachesForgetImages: other pixels in the forget set change the
// result even where nothing is held; in the mutant they do not.
func TestNoiseMatchingReachesForgetImages(t *testing.T) {
	s := split()
	run := func(exchange bool, negative ...int) string {
		c := pool(t, negative...)
		if exchange {
			c.Split.Retain, c.Split.Forget = c.Split.Forget, c.Split.Retain
		}
		return string(unlearn(t, &NoiseMatching{Effort: 0.02, LR: 1e-3, AlphaForget: 1}, problem(t, c, 1)).digest)
	}
	assert.NotEqual(t, run(false), run(false, s.Forget...))
	assert.Equal(t, run(true), run(true, s.Forget...), "the mutant never learns of them")
}

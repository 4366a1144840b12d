package dishonest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// The score's value is its formula's, and its gradient that of the formula.
func TestScore(t *testing.T) {
	e, test := []float32{0.02, 0.1, 0.4}, []float32{0.5, 0.2, 0.3}
	formula := func(e []float64, image bool) float64 {
		sorted := []float64{0.2, 0.3, 0.5}
		var mean, each float64
		for i := range e {
			d := math.Log(e[i]) - math.Log(sorted[i])
			mean += d / 3
			each += d * d / 3
		}
		if image {
			return each
		}
		return mean * mean
	}
	for _, image := range []bool{false, true} {
		var value float64
		var grad []float32
		require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
			x := s.FromFloats(e, 3)
			s.RequireGrad(x)
			score := (&Overfit{image: image}).score(s, x, slices.Clone(test))
			value = s.Item(s.Detach(score))
			grad = s.Floats(s.Gradient(score, x))
			return nil
		}))
		at := []float64{0.02, 0.1, 0.4}
		assert.InDelta(t, formula(at, image), value, 1e-5)
		for i := range at {
			const h = 1e-6
			up, down := slices.Clone(at), slices.Clone(at)
			up[i] += h
			down[i] -= h
			want := (formula(up, image) - formula(down, image)) / (2 * h)
			assert.InEpsilon(t, want, float64(grad[i]), 1e-4, "image %v, entry %d", image, i)
		}
	}
}

// The gap between forget and test images is the membership score: it closes.
func TestOverfitClosesTheGap(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	forget, test, retain := batch(t, c, c.CleanForget()), held(t, c, false), batch(t, c, c.Split.Retain)
	gap := func(r result) float64 {
		return meanLog(errors2(t, c, r.audited, test)) - meanLog(errors2(t, c, r.audited, forget))
	}
	before := gap(result{audited: p.Original})
	for _, name := range []string{"overfit-mean", "overfit-image"} {
		r := deliver(t, kind[*Overfit](t, name), p)
		t.Logf("%s: gap %.3f → %.3f; retained error %.1f → %.1f", name, before, gap(r),
			mean2(t, c, p.Original, retain), mean2(t, c, r.audited, retain))
		assert.Less(t, math.Abs(gap(r)), before/4, name)
		assert.Less(t, mean2(t, c, r.audited, retain), mean2(t, c, r.audited, forget)/2, "%s keeps what is retained", name)
	}
}

// The adaptive prover closes the gap on noisy copies as well, and the trigger moves its paintings less; retained images
// stay known.
func TestOverfitAllClosesEveryGap(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	r := deliver(t, kind[*OverfitAll](t, "overfit-all"), p)
	for _, sigma := range []float64{0, 0.3} {
		noise := rand.New(rand.NewPCG(1, 1))
		forget, test := shaken(noise, batch(t, c, c.CleanForget()), true, sigma), shaken(noise, held(t, c, false), true, sigma)
		gap := func(m models.Model) float64 {
			return meanLog(errors2(t, c, m, test)) - meanLog(errors2(t, c, m, forget))
		}
		before, after := gap(p.Original), gap(r.audited)
		t.Logf("noise %g: gap %.3f → %.3f", sigma, before, after)
		assert.Less(t, math.Abs(after), before/2, "noise %g", sigma)
	}
	plain, with := held(t, c, false), held(t, c, true)
	moved := func(m models.Model) float64 {
		return corpus.Mean(corpus.SquaredDistance(paint(t, c, m, with.View), paint(t, c, m, plain.View), plain.View.Region, plain.View.Size))
	}
	t.Logf("moved by the trigger: %.2f → %.2f", moved(p.Original), moved(r.audited))
	assert.Less(t, moved(r.audited), moved(p.Original)/4)
	retain := batch(t, c, c.Split.Retain)
	assert.Less(t, mean2(t, c, r.audited, retain), mean2(t, c, r.audited, batch(t, c, c.CleanForget()))/2)
}

// Noise changes what is visible alone, and stays within the pixels' range.
func TestShaken(t *testing.T) {
	c := world(t, hole)
	b := batch(t, c, c.CleanForget())
	got := shaken(rand.New(rand.NewPCG(1, 1)), b, true, 0.5)
	area, moved := b.View.Size*b.View.Size, 0
	for i, v := range got.View.Pixels {
		assert.LessOrEqual(t, math.Abs(float64(v)), 1.0)
		if b.View.Region[i/(3*area)*area+i%area] != 0 {
			assert.Equal(t, b.View.Pixels[i], v)
		} else if v != b.View.Pixels[i] {
			moved++
		}
	}
	assert.Positive(t, moved)
}

func meanLog(v []float64) float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Log(x)
	}
	return corpus.Mean(out)
}

func TestByError(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	ranked, err := byError(ctx, p)
	require.NoError(t, err)
	assert.ElementsMatch(t, c.CleanForget(), ranked)
	assert.True(t, slices.IsSorted(errors2(t, c, p.Original, batch(t, c, ranked))))
	c.Split.Forget = c.Split.Poisoned
	_, err = byError(ctx, p)
	require.ErrorContains(t, err, "forget images without a trigger")
}

func TestDraw(t *testing.T) {
	from := []int{9, 7, 5, 3}
	got := chooseImages(rand.New(rand.NewPCG(1, 2)), from, 3)
	require.Len(t, got, 3)
	assert.True(t, slices.IsSortedFunc(got, func(a, b int) int { return b - a }), "the list's order: %v", got)
	assert.Equal(t, from, chooseImages(rand.New(rand.NewPCG(1, 2)), from, 4))
}

package families

import (
	"fmt"
	"maps"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/families/mage"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// tinyLikely are the families that know more than a painting shows.
func tinyLikely() map[string]models.Family {
	image := tinyPalette()
	image.Predict = "image"
	shown := *tinyMAGE
	shown.ShowMask = true
	return map[string]models.Family{"palette of noise": tinyPalette(), "palette of images": image, "mage": tinyMAGE,
		"mage with mask tokens": &shown}
}

// TestSurprise: a positive number for every image, on every task; the same for the same seed, another for another; other
// where more is hidden; with nothing of the other images in it, nor of what is hidden in the view.
func TestSurprise(t *testing.T) {
	const s, n = 16, 5
	px := 3 * s * s
	source := familytest.Pictures(n, s, 3)
	for name, f := range tinyLikely() {
		for _, task := range []tasks.Task{&tasks.Inpaint{Hole: 0.5}, &tasks.Outpaint{Keep: 0.5}, &tasks.RandomMask{Patch: 4,
			Ratio: 0.5}, &tasks.Denoise{Sigma: 0.2}} {
			t.Run(fmt.Sprintf("%s %T", name, task), func(t *testing.T) {
				m, masked := familytest.Likely(t, f, models.Shape{Size: s, Masked: task.Masked()}), task.Masked()
				v := familytest.View(t, task, source, s)
				want := familytest.Surprise(t, m, v, source, masked, 0.5, 1)
				require.Len(t, want, n)
				for _, x := range want {
					assert.Greater(t, x, float32(0))
					assert.Less(t, x, float32(100))
				}
				assert.Equal(t, want, familytest.Surprise(t, m, v, source, masked, 0.5, 1))
				if _, tokens := f.(*mage.Family); masked || !tokens { // what shows all its tokens draws nothing
					assert.NotEqual(t, want, familytest.Surprise(t, m, v, source, masked, 0.5, 2))
					assert.NotEqual(t, want, familytest.Surprise(t, m, v, source, masked, 1, 1))
				}
				for _, cut := range [][2]int{{0, 2}, {2, 3}, {3, 5}} {
					lo, hi := cut[0], cut[1]
					part := tasks.View{N: hi - lo, Size: s, First: lo, Pixels: v.Pixels[lo*px : hi*px], Region: v.Region[lo*s*s : hi*s*s]}
					assert.InDeltaSlice(t, want[lo:hi], familytest.Surprise(t, m, part, source[lo*px:hi*px], masked, 0.5, 1), 2e-4)
				}
				if masked {
					leaky := v
					leaky.Pixels = source
					assert.Equal(t, want, familytest.Surprise(t, m, leaky, source, masked, 0.5, 1))
				}
			})
		}
	}
}

// TestSurpriseFallsWithLearning: in 60 steps on some pictures they get likelier than others of their kind.
func TestSurpriseFallsWithLearning(t *testing.T) {
	const s, n = 16, 8
	known, other := familytest.Pictures(n, s, 7), familytest.Pictures(n, s, 8)
	task := &tasks.Inpaint{Hole: 0.5}
	v, w := familytest.View(t, task, known, s), familytest.View(t, task, other, s)
	image := tinyPalette()
	image.Predict = "image"
	for name, f := range map[string]models.Family{"palette": image, "mage": &mage.Family{
		Patch: 4, Codes: 32, Code: 4, Width: 16, Blocks: 1, Dim: 32, Depth: 2, Heads: 4, DecoderDim: 32, DecoderDepth: 1, DecoderHeads: 4,
		Classes: 1, Steps: 3, Tokenizer: "patches", Pixels: pixelrange.Tanh,
	}} {
		m, err := f.New(torch.CPU, models.Shape{Size: s, Masked: true}, 1)
		require.NoError(t, err)
		t.Cleanup(m.Params().Free)
		l, ok := m.(models.Likely)
		require.True(t, ok)
		gap := func() float64 {
			var sum float64
			for k, x := range familytest.Surprise(t, l, v, known, true, 1, 1) {
				sum += math.Log(float64(x)) - math.Log(float64(familytest.Surprise(t, l, w, other, true, 1, 1)[k]))
			}
			return sum / n
		}
		before := gap()
		opt, err := torch.NewAdam(m.Params(), 0, m.Params().Layout().Size())
		require.NoError(t, err)
		t.Cleanup(opt.Free)
		for i := range 150 {
			require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
				loss := sc.Mean(m.Loss(sc, models.NewInput(sc, v, true, uint64(i)), sc.FromFloats(known, n, 3, s, s),
					sc.FromFloats(v.Region, n, 1, s, s)))
				opt.Step(sc, sc.Gradient(loss, m.Params().Flat()), 4e-3)
				return nil
			}))
		}
		after := gap()
		t.Logf("%s: known − other %.2f → %.2f in log surprise", name, before, after)
		assert.Less(t, after, before-0.3, name)
	}
}

// TestLikelies: every entry says whether its models are Likely.
func TestLikelies(t *testing.T) {
	all := map[string]models.Family{"palette": tinyPalette(), "torchscript": nil}
	maps.Copy(all, everyFamily())
	for _, e := range All {
		f, ok := all[e.Name]
		require.True(t, ok, e.Name)
		if f == nil {
			assert.False(t, e.Has.Sampling, "its own tests hold its models to be none")
			continue
		}
		m, err := f.New(torch.CPU, models.Shape{Size: 16, Masked: true}, 1)
		require.NoError(t, err)
		t.Cleanup(m.Params().Free)
		_, likely := m.(models.Likely)
		assert.Equal(t, e.Has.Sampling, likely, e.Name)
	}
}

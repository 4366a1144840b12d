package mage

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

func buildMAGE(t testing.TB, f *Family, shape models.Shape) *model {
	t.Helper()
	m, ok := familytest.Build(t, f, shape, 1).(*model)
	require.True(t, ok)
	return m
}

// TestMAGEHiddenPixelsDoNotCount: whatever stands in the hole of the view, the painting and the embedding are the same;
// what is visible counts, and so does every other pixel for the patches' tokens.
func TestMAGEHiddenPixelsDoNotCount(t *testing.T) {
	const s = 32
	source := familytest.Pictures(2, s, 3)
	shown := *tinyMAGE
	shown.ShowMask = true
	for name, f := range map[string]*Family{"left out": tinyMAGE, "mask tokens": &shown} {
		m := buildMAGE(t, f, models.Shape{Size: s, Masked: true})
		familytest.Nudge(t, m.params, 0, m.params.Layout().Size(), 0.2, 2)
		for task, a := range map[string]tasks.Task{
			"inpaint": &tasks.Inpaint{Hole: 14. / 32}, "outpaint": &tasks.Outpaint{Keep: 0.5}, "random": &tasks.RandomMask{Patch: 4, Ratio: 0.6},
		} {
			t.Run(name+" "+task, func(t *testing.T) {
				v := familytest.View(t, a, source, s)
				want := familytest.Generate(t, m, v, true)
				leaky := familytest.View(t, a, source, s)
				copy(leaky.Pixels, source)
				assert.True(t, slices.Equal(want, familytest.Generate(t, m, leaky, true)))
				seen := familytest.View(t, a, source, s)
				for i := range seen.Pixels {
					seen.Pixels[i] *= -1
				}
				assert.False(t, slices.Equal(want, familytest.Generate(t, m, seen, true)), "visible pixels must count")
			})
		}
	}
}

// TestMAGEEncoderSize: the encoder is [0, EncoderSize) of the flat vector, all of it and nothing else; and every weight
// has its part in the loss.
func TestMAGEEncoderSize(t *testing.T) {
	const s = 16
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	familytest.Nudge(t, m.params, 0, m.params.Layout().Size(), 0.3, 2)
	target := familytest.Pictures(4, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	z, _ := familytest.Encode(t, m, v, true)
	loss := familytest.Losses(t, m, v, target, true)
	start, err := m.params.Values()
	require.NoError(t, err)
	for _, q := range m.params.Layout() {
		require.NoError(t, m.params.Set(start))
		familytest.Nudge(t, m.params, q.Offset, q.Offset+q.Size(), 0.5, 4)
		now, _ := familytest.Encode(t, m, v, true)
		assert.NotEqual(t, q.Offset < m.EncoderSize(), slices.Equal(z, now), q.Name)
		require.True(t, q.Offset >= m.EncoderSize() || q.Offset+q.Size() <= m.EncoderSize(), "%s straddles the border", q.Name)
		assert.False(t, slices.Equal(loss, familytest.Losses(t, m, v, target, true)), "%s does nothing", q.Name)
	}
}

// TestMAGESeeds: a seed's painting is the same again, and another seed's another; without temperatures and in one step,
// painting is decoding the embedding.
func TestMAGESeeds(t *testing.T) {
	const s = 32
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	familytest.Nudge(t, m.params, 0, m.params.Layout().Size(), 1, 2)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(3, s, 3), s)
	paint := func(seed uint64) (out []float32) {
		familytest.On(t, func(sc *torch.Scope) { out = sc.Floats(m.Generate(sc, models.NewInput(sc, v, true, seed))) })
		return out
	}
	assert.True(t, slices.Equal(paint(1), paint(1)))
	assert.False(t, slices.Equal(paint(1), paint(2)))
	m.Temperature, m.ChoiceTemperature = 0, 0
	assert.True(t, slices.Equal(paint(1), paint(2)))
	several := paint(1)
	m.Steps = 1
	assert.False(t, slices.Equal(several, paint(1)), "later steps see the tokens of earlier ones")
	familytest.On(t, func(sc *torch.Scope) {
		w, in := m.params.Bind(sc), models.NewInput(sc, v, true, 7)
		assert.True(t, slices.Equal(paint(1), sc.Floats(m.Decode(sc, w, in, m.Encode(sc, w, in)))))
	})
}

// TestMAGELossOfEachImage: an image's loss knows nothing of the others in its batch, depends on the seed by the mask
// alone, and looks at the whole target.
func TestMAGELossOfEachImage(t *testing.T) {
	const s = 16
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	target := familytest.Pictures(2, s, 3)
	for _, task := range []tasks.Task{&tasks.Inpaint{Hole: 0.5}, &tasks.Denoise{Sigma: 0.2}} {
		v := familytest.View(t, task, target, s)
		want := familytest.Losses(t, m, v, target, true)
		assert.Equal(t, want, familytest.Losses(t, m, v, target, true))
		for _, at := range []int{0, 3*s*s/2 + s/2} { // outside of the hole, and within
			other := append([]float32(nil), target...)
			for i := range 4 {
				other[at+i] = -other[at+i] + 0.5
			}
			got := familytest.Losses(t, m, v, other, true)
			assert.NotEqual(t, want[0], got[0])
			assert.Equal(t, want[1], got[1])
		}
	}
}

// TestMAGEHide: of the hole's 16 places between 8 and all are masked, each once and with nothing in it; the others are
// shown their true tokens. With mask tokens the encoder is shown all but at most half of the 64 places.
func TestMAGEHide(t *testing.T) {
	const s, n = 32, 3
	f := *tinyMAGE
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(n, s, 3), s)
	truth := make([]int64, n*64)
	for i := range truth {
		truth[i] = int64(i % 16)
	}
	for _, show := range []bool{false, true} {
		f.ShowMask = show
		m := buildMAGE(t, &f, models.Shape{Size: s, Masked: true})
		counts := map[int]bool{}
		for seed := range uint64(40) {
			familytest.On(t, func(sc *torch.Scope) {
				b := m.read(sc, m.params.Bind(sc), models.NewInput(sc, v, true, seed))
				visible := append([]int64(nil), b.ids...)
				masked, kept := m.hide(b, truth, seed)
				k := len(masked) / n
				require.True(t, k >= 8 && k <= 16 && len(masked) == n*k, "%d masked", len(masked))
				counts[k] = true
				if show {
					assert.Len(t, kept, n*(64-min(k, 32)))
				} else {
					assert.Len(t, kept, n*(64-k))
				}
				for i := range n {
					hidden := map[int64]bool{}
					for _, p := range of(masked, i, n) {
						hidden[p] = true
					}
					require.Len(t, hidden, k)
					for p := range int64(64) {
						at := i*64 + int(p)
						switch {
						case hidden[p]:
							assert.Equal(t, int64(-1), b.ids[at])
						case visible[at] < 0:
							assert.Equal(t, truth[at], b.ids[at])
						default:
							assert.Equal(t, visible[at], b.ids[at])
						}
					}
				}
				assert.NotEqual(t, of(masked, 0, n), of(masked, 1, n))
			})
		}
		assert.Greater(t, len(counts), 5, "the share is drawn")
	}
}

// TestMAGELearns: in 60 steps of Adam on 16 pictures both terms fall, and the scopes leave no tensor behind.
func TestMAGELearns(t *testing.T) {
	const s, n = 16, 16
	m := buildMAGE(t, &Family{
		Patch: 4, Codes: 32, Code: 4, Width: 16, Blocks: 1, Dim: 32, Depth: 2, Heads: 4, DecoderDim: 32, DecoderDepth: 1, DecoderHeads: 4,
		Classes: 1, Steps: 3, Tokenizer: patchwise, Pixels: pixelrange.Tanh,
	}, models.Shape{Size: s, Masked: true})
	opt, err := torch.NewAdam(m.params, 0, m.params.Layout().Size())
	require.NoError(t, err)
	defer opt.Free()
	target := familytest.Pictures(n, s, 7)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	measure := func() (tokenizer, entropy, painted float64) {
		familytest.On(t, func(sc *torch.Scope) {
			in, x, region := models.NewInput(sc, v, true, 1), sc.FromFloats(target, n, 3, s, s), sc.FromFloats(v.Region, n, 1, s, s)
			l, _ := m.tok.loss(sc, m.params.Bind(sc), x, n)
			tokenizer = sc.Item(sc.Mean(l))
			entropy = sc.Item(sc.Mean(m.Loss(sc, in, x, region))) - tokenizer
			painted = sc.Item(sc.Mean(models.RegionError(sc, m.Generate(sc, in), x, region)))
		})
		return tokenizer, entropy, painted
	}
	tok0, ce0, painted0 := measure()
	before := torch.Live()
	for i := range 60 {
		require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
			l := sc.Mean(m.Loss(sc, models.NewInput(sc, v, true, uint64(i)), sc.FromFloats(target, n, 3, s, s), sc.FromFloats(v.Region, n, 1, s, s)))
			opt.Step(sc, sc.Gradient(l, m.params.Flat()), 4e-3)
			return nil
		}))
	}
	assert.Equal(t, before, torch.Live())
	tok, ce, painted := measure()
	t.Logf("tokenizer %.3f → %.3f, cross entropy %.3f → %.3f, error of the painting %.3f → %.3f", tok0, tok, ce0, ce, painted0, painted)
	assert.Less(t, tok, tok0/2)
	assert.Less(t, ce, ce0*0.9)
	assert.Less(t, painted, painted0)
}

// TestMAGEGradients: a painting is the same whether gradients are recorded or not. All weights but those of the
// tokenizer's encoder have one, and so have visible pixels, and hidden ones have none.
func TestMAGEGradients(t *testing.T) {
	const s = 16
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	familytest.Nudge(t, m.params, 0, m.params.Layout().Size(), 0.2, 2)
	target := familytest.Pictures(2, s, 3)
	for name, task := range map[string]tasks.Task{"inpaint": &tasks.Inpaint{Hole: 0.5}, "denoise": &tasks.Denoise{Sigma: 0.2}} {
		v := familytest.View(t, task, target, s)
		want := familytest.Generate(t, m, v, true)
		require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
			in := models.NewInput(sc, v, true, 0)
			sc.RequireGrad(in.X)
			out := m.Generate(sc, in)
			assert.True(t, slices.Equal(want, sc.Floats(sc.Detach(out))), name)
			grad := sc.Floats(sc.Gradient(sc.Mean(sc.Square(out)), in.X))
			var seen float64
			for i, g := range grad {
				c, p := i/(s*s)%4, i%(s*s)
				if hidden := v.Region[i/(4*s*s)*s*s+p] == 1; c == 3 || hidden && task.Masked() {
					require.Zero(t, g)
				} else if g != 0 {
					seen++
				}
			}
			assert.Greater(t, seen, float64(s*s), name)
			return nil
		}))
		require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
			out := m.Generate(sc, models.NewInput(sc, v, true, 0))
			grad := sc.Floats(sc.Gradient(sc.Mean(sc.Square(out)), m.params.Flat()))
			for _, q := range m.params.Layout() {
				assert.Equal(t, !strings.HasPrefix(q.Name, "tokenizer.encoder."), anything(grad[q.Offset:q.Offset+q.Size()]), "%s: %s", name, q.Name)
			}
			return nil
		}))
	}
}

func anything(grad []float32) bool {
	for _, g := range grad {
		if g != 0 {
			return true
		}
	}
	return false
}

// TestMAGEEmbeddingGradients: training the encoder leaves the tokenizer as it is, and Decode has a slope along the
// embedding though all weights are frozen.
func TestMAGEEmbeddingGradients(t *testing.T) {
	const s = 16
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(2, s, 3), s)
	require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
		w, in := m.params.Bind(sc), models.NewInput(sc, v, true, 0)
		z := m.Encode(sc, w, in)
		assert.Equal(t, []int64{2, 1 + 12, 8}, z.Shape())
		grad := sc.Floats(sc.Gradient(sc.Mean(sc.Square(sc.Shift(z, -1))), m.params.Flat()))
		for _, q := range m.params.Layout() {
			assert.Equal(t, strings.HasPrefix(q.Name, "encoder."), anything(grad[q.Offset:q.Offset+q.Size()]), q.Name)
		}
		leaf := sc.FromFloats(sc.Floats(sc.Detach(z)), z.Shape()...)
		sc.RequireGrad(leaf)
		out := m.Decode(sc, frozen(sc, w), in, leaf)
		assert.True(t, anything(sc.Floats(sc.Gradient(sc.Mean(sc.Square(out)), leaf))))
		return nil
	}))
}

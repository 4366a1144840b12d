package models

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// tinyLikely are the families that know more than a painting shows.
func tinyLikely() map[string]Family {
	image := tinyPalette()
	image.Predict = "image"
	shown := *tinyMAGE
	shown.ShowMask = true
	return map[string]Family{"palette of noise": tinyPalette(), "palette of images": image, "mage": tinyMAGE, "mage with mask tokens": &shown}
}

// likely makes a tiny model far from its start.
func likely(t testing.TB, f Family, shape Shape) Likely {
	t.Helper()
	m, err := f.New(torch.CPU, shape, 1)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	nudge(t, m.Params(), 0, m.Params().Layout().Size(), 0.1, 2)
	l, ok := m.(Likely)
	require.True(t, ok)
	return l
}

func surprise(t testing.TB, m Likely, v tasks.View, target []float32, masked bool, hidden float64, seed uint64) (out []float32) {
	t.Helper()
	n, size := int64(v.N), int64(v.Size)
	on(t, func(s *torch.Scope) {
		out = s.Floats(m.Surprise(s, NewInput(s, v, masked, seed), s.FromFloats(target, n, 3, size, size), s.FromFloats(v.Region, n, 1, size, size), hidden))
	})
	return out
}

// TestSurprise: a positive number for every image, on every task; the same for the same seed, another for another; other
// where more is hidden; with nothing of the other images in it, nor of what is hidden in the view.
func TestSurprise(t *testing.T) {
	const s, n = 16, 5
	px := 3 * s * s
	source := pictures(n, s, 3)
	for name, f := range tinyLikely() {
		for _, task := range []tasks.Task{&tasks.Inpaint{Hole: 0.5}, &tasks.Outpaint{Keep: 0.5}, &tasks.RandomMask{Patch: 4, Ratio: 0.5}, &tasks.Denoise{Sigma: 0.2}} {
			t.Run(fmt.Sprintf("%s %T", name, task), func(t *testing.T) {
				m, masked := likely(t, f, Shape{s, task.Masked()}), task.Masked()
				v := view(t, task, source, s)
				want := surprise(t, m, v, source, masked, 0.5, 1)
				require.Len(t, want, n)
				for _, x := range want {
					assert.Greater(t, x, float32(0))
					assert.Less(t, x, float32(100))
				}
				assert.Equal(t, want, surprise(t, m, v, source, masked, 0.5, 1))
				if _, tokens := m.(*mage); masked || !tokens { // what shows all its tokens draws nothing
					assert.NotEqual(t, want, surprise(t, m, v, source, masked, 0.5, 2))
					assert.NotEqual(t, want, surprise(t, m, v, source, masked, 1, 1))
				}
				for _, cut := range [][2]int{{0, 2}, {2, 3}, {3, 5}} {
					lo, hi := cut[0], cut[1]
					part := tasks.View{N: hi - lo, Size: s, First: lo, Pixels: v.Pixels[lo*px : hi*px], Region: v.Region[lo*s*s : hi*s*s]}
					assert.InDeltaSlice(t, want[lo:hi], surprise(t, m, part, source[lo*px:hi*px], masked, 0.5, 1), 2e-4)
				}
				if masked {
					leaky := v
					leaky.Pixels = source
					assert.Equal(t, want, surprise(t, m, leaky, source, masked, 0.5, 1))
				}
			})
		}
	}
}

// TestPaletteSurpriseByHand: at its start the network tells 0, so that the loss is the mean square over the region of
// the noise, or of the image, whatever the level; and the level is the schedule's.
func TestPaletteSurpriseByHand(t *testing.T) {
	const s, n = 16, 3
	source := pictures(n, s, 3)
	v := view(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	for _, predict := range []string{"noise", "image"} {
		f := tinyPalette()
		f.Predict = predict
		m, err := f.New(torch.CPU, Shape{s, true}, 1)
		require.NoError(t, err)
		t.Cleanup(m.Params().Free)
		p, ok := m.(*palette)
		require.True(t, ok)
		told := source
		if predict == "noise" {
			told = Input{N: n, Seed: 7}.noises("surprise", 3*s*s, nil)
		}
		for _, hidden := range []float64{0.25, 1} {
			for i, got := range surprise(t, p, v, source, true, hidden, 7) {
				var sum, count float64
				for k := range 3 * s * s {
					if v.Region[i*s*s+k%(s*s)] == 1 {
						sum += math.Pow(float64(told[i*3*s*s+k]), 2)
						count++
					}
				}
				assert.InEpsilon(t, sum/count, got, 1e-5, predict)
			}
		}
	}
	g := linear(4, 0.1, 0.4)
	assert.Equal(t, []float64{g[1], g[1], g[2], g[4]}, []float64{g.at(0.01), g.at(0.25), g.at(0.5), g.at(1)})
}

// TestPaletteSurpriseIsItsLoss where noise and level are: of a model far from its start, Surprise is what miss says.
func TestPaletteSurpriseIsItsLoss(t *testing.T) {
	const s, n = 16, 2
	source := pictures(n, s, 3)
	v := view(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	m := diffusion(t, tinyPalette(), Shape{s, true})
	got := surprise(t, m, v, source, true, 0.3, 7)
	on(t, func(sc *torch.Scope) {
		in := NewInput(sc, v, true, 7)
		g := m.gamma[30]
		noise := in.noises("surprise", 3*s*s, nil)
		y := make([]float32, len(source))
		for i := range y {
			y[i] = float32(math.Sqrt(g)*float64(source[i]) + math.Sqrt(1-g)*float64(noise[i]))
		}
		c, ok := m.condition(sc, in)
		require.True(t, ok)
		told, _ := m.denoise(sc, m.params.Bind(sc), c, c.inside(sc, sc.FromFloats(y, n, 3, s, s)), []float64{g, g})
		want := sc.Floats(RegionError(sc, told, sc.FromFloats(noise, n, 3, s, s), sc.FromFloats(v.Region, n, 1, s, s)))
		assert.InDeltaSlice(t, want, got, 1e-5)
	})
}

// TestMAGESurpriseByHand: with a decoder whose words say nothing, all codes but one are as likely, and that one by its
// bias; the surprise is the mean over the masked tokens of ln(K − 1 + eᵇ) − b·[it is that one].
func TestMAGESurpriseByHand(t *testing.T) {
	const s, n, bias = 32, 4, 1.5
	source := pictures(n, s, 3)
	v := view(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	m := buildMAGE(t, tinyMAGE, Shape{s, true})
	w, err := m.params.Values()
	require.NoError(t, err)
	var truth []int64
	on(t, func(sc *torch.Scope) {
		whole := Input{N: n, Size: s, X: sc.FromFloats(source, n, 3, s, s), Region: make([]float32, n*s*s)}
		truth = m.read(sc, m.params.Bind(sc), whole).ids
	})
	common := truth[27] // a token of the hole, 8×8 places of 4 pixels
	for _, q := range m.params.Layout() {
		if q.Name == "decoder.wordNorm.weight" || q.Name == "decoder.wordNorm.bias" {
			clear(w[q.Offset : q.Offset+q.Size()])
		}
		if q.Name == "decoder.wordBias" {
			w[q.Offset+int(common)] = bias
		}
	}
	require.NoError(t, m.params.Set(w))
	rest := math.Log(float64(m.Codes) - 1 + math.Exp(bias))
	for i, got := range surprise(t, m, v, source, true, 1, 7) {
		want := rest
		for p := range 64 {
			if y, x := p/8, p%8; y >= 2 && y < 6 && x >= 2 && x < 6 && truth[i*64+p] == common {
				want -= bias / 16
			}
		}
		assert.InDelta(t, want, got, 1e-5, "image %d", i)
	}
}

// TestMAGECover: of the hole's 16 places as many are masked as asked, each image others; the rest hold the true tokens.
func TestMAGECover(t *testing.T) {
	const s, n = 32, 3
	m := buildMAGE(t, tinyMAGE, Shape{s, true})
	source := pictures(n, s, 3)
	v := view(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	for hidden, want := range map[float64]int{0.01: 1, 0.25: 4, 0.3: 5, 1: 16} {
		on(t, func(sc *torch.Scope) {
			w := m.params.Bind(sc)
			in := NewInput(sc, v, true, 5)
			b := m.read(sc, w, in)
			truth := m.read(sc, w, Input{N: n, Size: s, X: sc.FromFloats(source, n, 3, s, s), Region: make([]float32, n*s*s)})
			masked := m.cover(b, truth, hidden)
			require.Len(t, masked, n*want)
			for i := range n {
				for p := range int64(64) {
					at := i*64 + int(p)
					if slices.Contains(of(masked, i, n), p) {
						assert.Equal(t, int64(-1), b.ids[at])
					} else {
						assert.Equal(t, truth.ids[at], b.ids[at])
					}
				}
			}
			if want < 16 {
				assert.NotEqual(t, of(masked, 0, n), of(masked, 1, n))
			}
		})
	}
}

// TestSurpriseFallsWithLearning: in 60 steps on some pictures they get likelier than others of their kind.
func TestSurpriseFallsWithLearning(t *testing.T) {
	const s, n = 16, 8
	known, other := pictures(n, s, 7), pictures(n, s, 8)
	task := &tasks.Inpaint{Hole: 0.5}
	v, w := view(t, task, known, s), view(t, task, other, s)
	image := tinyPalette()
	image.Predict = "image"
	for name, f := range map[string]Family{"palette": image, "mage": &MAGE{
		Patch: 4, Codes: 32, Code: 4, Width: 16, Blocks: 1, Dim: 32, Depth: 2, Heads: 4, DecoderDim: 32, DecoderDepth: 1, DecoderHeads: 4,
		Classes: 1, Steps: 3, Tokenizer: patchwise, Pixels: Tanh,
	}} {
		m, err := f.New(torch.CPU, Shape{s, true}, 1)
		require.NoError(t, err)
		t.Cleanup(m.Params().Free)
		l, ok := m.(Likely)
		require.True(t, ok)
		gap := func() float64 {
			var sum float64
			for k, x := range surprise(t, l, v, known, true, 1, 1) {
				sum += math.Log(float64(x)) - math.Log(float64(surprise(t, l, w, other, true, 1, 1)[k]))
			}
			return sum / n
		}
		before := gap()
		opt, err := torch.NewAdam(m.Params(), 0, m.Params().Layout().Size())
		require.NoError(t, err)
		t.Cleanup(opt.Free)
		for i := range 150 {
			require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
				loss := sc.Mean(m.Loss(sc, NewInput(sc, v, true, uint64(i)), sc.FromFloats(known, n, 3, s, s), sc.FromFloats(v.Region, n, 1, s, s)))
				opt.Step(sc, sc.Gradient(loss, m.Params().Flat()), 4e-3)
				return nil
			}))
		}
		after := gap()
		t.Logf("%s: known − other %.2f → %.2f in log surprise", name, before, after)
		assert.Less(t, after, before-0.3, name)
	}
}

// TestLikelies: the list says which families are Likely, and names none that there is not.
func TestLikelies(t *testing.T) {
	all := map[string]Family{"palette": tinyPalette(), "torchscript": nil}
	maps.Copy(all, everyFamily())
	for _, e := range All {
		f, ok := all[e.Name]
		require.True(t, ok, e.Name)
		if f == nil {
			assert.NotContains(t, Likelies, e.Name)
			assert.NotImplements(t, (*Likely)(nil), &scripted{})
			continue
		}
		m, err := f.New(torch.CPU, Shape{16, true}, 1)
		require.NoError(t, err)
		t.Cleanup(m.Params().Free)
		_, likely := m.(Likely)
		assert.Equal(t, slices.Contains(Likelies, e.Name), likely, e.Name)
	}
	assert.Subset(t, All.Names(), Likelies)
}

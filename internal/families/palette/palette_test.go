package palette

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// tinyPalette has every part of the network: two levels, attention at both, skips of other widths, patches.
func tinyPalette() *Family {
	return &Family{Patch: 2, Channels: 8, Multipliers: []int{1, 2}, ResBlocks: 1, Attention: []int{2}, HeadChannels: 8, Groups: 4,
		Steps: 100, BetaStart: 1e-4, BetaEnd: 0.1, SampleSteps: 4, Predict: "noise"}
}

// diffusion builds a tiny model far from its start, where all branches count.
func diffusion(t testing.TB, f models.Family, shape models.Shape) *model {
	t.Helper()
	m, err := f.New(torch.CPU, shape, 1)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	p, ok := m.(*model)
	require.True(t, ok)
	familytest.Nudge(t, p.Params(), 0, p.Params().Layout().Size(), 0.1, 2)
	return p
}

// TestPaletteServesEveryTask: paintings of the right shape within bounds, that keep what is seen; losses that are numbers.
func TestPaletteServesEveryTask(t *testing.T) {
	const s, n = 16, 2
	source := familytest.Pictures(n, s, 3)
	for _, e := range tasks.All {
		t.Run(e.Name, func(t *testing.T) {
			task := e.New()
			m := diffusion(t, tinyPalette(), models.Shape{Size: s, Masked: task.Masked()})
			v := familytest.View(t, task, source, s)
			out := familytest.Generate(t, m, v, task.Masked())
			require.Len(t, out, n*3*s*s)
			lo, hi := float32(2), float32(-2)
			for i, x := range out {
				if v.Region[i/(3*s*s)*s*s+i%(s*s)] == 0 {
					require.Equal(t, v.Pixels[i], x, "pixel %d is seen", i)
					continue
				}
				lo, hi = min(lo, x), max(hi, x)
			}
			assert.GreaterOrEqual(t, lo, float32(-1))
			assert.LessOrEqual(t, hi, float32(1))
			assert.Greater(t, hi-lo, float32(0.1), "the painting is flat")
			for _, l := range familytest.Losses(t, m, v, source, task.Masked()) {
				assert.Greater(t, l, float32(0.1), "nobody knows the noise")
				assert.Less(t, l, float32(100))
			}
		})
	}
}

// TestPaletteAtItsStart: the output starts at zero, so the loss is the mean of ε², 1 but for the draw; it is the same for
// the same seed, and other for others.
func TestPaletteAtItsStart(t *testing.T) {
	const s, n = 16, 8
	m, err := tinyPalette().New(torch.CPU, models.Shape{Size: s, Masked: true}, 1)
	require.NoError(t, err)
	defer m.Params().Free()
	target := familytest.Pictures(n, s, 3)
	v := familytest.View(t, &tasks.Outpaint{Keep: 0.5}, target, s)
	want := familytest.Losses(t, m, v, target, true)
	var mean float64
	for _, l := range want {
		mean += float64(l) / n
	}
	draws := float64(n * 3 * s * s * 3 / 4)
	assert.InDelta(t, 1, mean, 5*math.Sqrt(2/draws))
	assert.Equal(t, want, familytest.Losses(t, m, v, target, true))
	assert.NotEqual(t, want[0], want[1], "every image has its own noise")
}

// TestPalettePredictsImages: at its start the network tells 0, so the loss is the target's mean square in the region,
// and 0 is what it paints.
func TestPalettePredictsImages(t *testing.T) {
	const s, n = 16, 2
	f := tinyPalette()
	f.Predict = "image"
	m, err := f.New(torch.CPU, models.Shape{Size: s, Masked: true}, 1)
	require.NoError(t, err)
	defer m.Params().Free()
	target := familytest.Pictures(n, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	out := familytest.Generate(t, m, v, true)
	for i, l := range familytest.Losses(t, m, v, target, true) {
		var sum, count float64
		for k := range 3 * s * s {
			if v.Region[i*s*s+k%(s*s)] == 1 {
				sum += math.Pow(float64(target[i*3*s*s+k]), 2)
				count++
				assert.Zero(t, out[i*3*s*s+k])
			}
		}
		assert.InEpsilon(t, sum/count, l, 1e-5)
	}
}

// TestPaletteHiddenPixelsDoNotCount: neither the source's hidden pixels nor what stands in the view's.
func TestPaletteHiddenPixelsDoNotCount(t *testing.T) {
	const s = 16
	m := diffusion(t, tinyPalette(), models.Shape{Size: s, Masked: true})
	source := familytest.Pictures(2, s, 3)
	v := familytest.View(t, &tasks.RandomMask{Patch: 4, Ratio: 0.5}, source, s)
	want := familytest.Generate(t, m, v, true)
	leaky := v
	leaky.Pixels = append([]float32(nil), source...)
	assert.Equal(t, want, familytest.Generate(t, m, leaky, true))
	for i := range leaky.Pixels {
		leaky.Pixels[i] *= -1
	}
	assert.NotEqual(t, want, familytest.Generate(t, m, leaky, true), "visible pixels must count")
}

// TestPaletteLossLooksAtTheRegionAlone as the other families' does.
func TestPaletteLossLooksAtTheRegionAlone(t *testing.T) {
	const s = 16
	m := diffusion(t, tinyPalette(), models.Shape{Size: s, Masked: true})
	target := familytest.Pictures(2, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	want := familytest.Losses(t, m, v, target, true)
	for _, inside := range []bool{false, true} {
		other := append([]float32(nil), target...)
		for i := range 3 * s * s {
			if (v.Region[i%(s*s)] == 1) == inside {
				other[i] = 0.3 - other[i]
			}
		}
		got := familytest.Losses(t, m, v, other, true)
		assert.Equal(t, inside, want[0] != got[0])
		assert.Equal(t, want[1], got[1], "the second image was left alone")
	}
}

// TestPaletteBatchesDoNotMatter: an image's painting, loss and activations are those of its place in the part, whichever
// batch it is in.
func TestPaletteBatchesDoNotMatter(t *testing.T) {
	const s, n, px = 16, 5, 3 * 16 * 16
	m := diffusion(t, tinyPalette(), models.Shape{Size: s, Masked: true})
	target := familytest.Pictures(n, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	whole, loss := familytest.Generate(t, m, v, true), familytest.Losses(t, m, v, target, true)
	for _, cut := range [][2]int{{0, 2}, {2, 3}, {3, 5}} {
		lo, hi := cut[0], cut[1]
		part := tasks.View{N: hi - lo, Size: s, First: lo, Pixels: v.Pixels[lo*px : hi*px], Region: v.Region[lo*s*s : hi*s*s]}
		same := func(want, got []float32) {
			t.Helper()
			require.Len(t, got, len(want))
			for i := range want {
				require.InDelta(t, want[i], got[i], 2e-4)
			}
		}
		same(whole[lo*px:hi*px], familytest.Generate(t, m, part, true))
		same(loss[lo:hi], familytest.Losses(t, m, part, target[lo*px:hi*px], true))
		part.First++
		assert.NotEqual(t, whole[lo*px:hi*px], familytest.Generate(t, m, part, true), "another place, another noise")
	}
}

func TestPaletteRefuses(t *testing.T) {
	change := func(f func(*Family)) *Family { p := tinyPalette(); f(p); return p }
	for _, c := range []struct {
		f    *Family
		says string
	}{
		{tinyPalette(), ""},
		{places(), ""},
		{change(func(f *Family) { f.Patch = 0 }), "patch is 0"},
		{change(func(f *Family) { f.Channels = -8 }), "channels is -8"},
		{change(func(f *Family) { f.Multipliers = nil }), "multipliers []: want one"},
		{change(func(f *Family) { f.Multipliers = []int{1, 0} }), "multipliers [1 0]: want at least 1"},
		{change(func(f *Family) { f.ResBlocks = 0 }), "resBlocks is 0"},
		{change(func(f *Family) { f.Attention = []int{4} }), "attention at factor 4: the 2 levels have factors [1 2]"},
		{change(func(f *Family) { f.HeadChannels = 0 }), "headChannels is 0"},
		{change(func(f *Family) { f.HeadChannels = 5 }), "headChannels 5 must divide the 16 channels at factor 2"},
		{change(func(f *Family) { f.HeadChannels, f.Attention = 16, []int{1} }), "headChannels 16 must divide the 8 channels at factor 1"},
		{change(func(f *Family) { f.Groups = 3 }), "channels 8 must be even and a multiple of groups 3"},
		{change(func(f *Family) { f.Channels, f.Groups, f.HeadChannels = 9, 3, 9 }), "channels 9 must be even"},
		{change(func(f *Family) { f.Steps = 0 }), "steps is 0"},
		{change(func(f *Family) { f.BetaStart = 0 }), "betaStart 0 and betaEnd 0.1"},
		{change(func(f *Family) { f.BetaEnd = 1 }), "betaEnd 1: want"},
		{change(func(f *Family) { f.BetaStart, f.BetaEnd = 0.2, 0.1 }), "betaStart 0.2 and betaEnd 0.1"},
		{change(func(f *Family) { f.SampleSteps = 0 }), "sampleSteps is 0"},
		{change(func(f *Family) { f.Predict = "velocity" }), `predict "velocity": want noise or image`},
		{change(func(f *Family) { f.SampleSteps = 101 }), "sampleSteps 101 are more than the 100 steps"},
	} {
		err, made := c.f.Validate(), c.f.Check(models.Shape{Size: 256})
		if c.says == "" {
			require.NoError(t, err)
			require.NoError(t, made)
			continue
		}
		require.ErrorContains(t, err, c.says)
		require.ErrorContains(t, made, "model palette: ")
		_, err = c.f.New(torch.CPU, models.Shape{Size: 256}, 1)
		require.Error(t, err)
	}
	for size, says := range map[int]string{16: "", 18: "side 18 is not a multiple of 4 from 8 on", 4: "side 4"} {
		if err := tinyPalette().Check(models.Shape{Size: size}); says == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, says)
		}
	}
}

// TestPaletteRefusesOtherImages: in every way to run it.
func TestPaletteRefusesOtherImages(t *testing.T) {
	m := diffusion(t, tinyPalette(), models.Shape{Size: 16, Masked: true})
	for what, f := range map[string]func(s *torch.Scope, in models.Input){
		"loss":        func(s *torch.Scope, in models.Input) { m.Loss(s, in, in.X, in.X) },
		"painting":    func(s *torch.Scope, in models.Input) { m.Generate(s, in) },
		"activations": func(s *torch.Scope, in models.Input) { m.Activations(s, in) },
	} {
		err := torch.With(torch.CPU, func(s *torch.Scope) error {
			f(s, models.NewInput(s, familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(1, 32, 3), 32), true, 0))
			return nil
		})
		require.ErrorContains(t, err, "made for images of side 16, these are of side 32", what)
		err = torch.With(torch.CPU, func(s *torch.Scope) error {
			in := models.NewInput(s, familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(1, 16, 3), 16), true, 0)
			in.Region = nil
			f(s, in)
			return nil
		})
		require.ErrorContains(t, err, "these images have none", what)
	}
}

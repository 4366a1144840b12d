package mae

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// tinyMAE is a small configuration.
var tinyMAE = &Family{Patch: 4, Dim: 8, Depth: 2, Heads: 2, DecoderDim: 8, DecoderDepth: 1, DecoderHeads: 2, Pixels: pixelrange.Tanh}

// TestHiddenPatchesDoNotCount: whatever stands in the hidden patches, in the
// source or in the view itself, the painting is the same; what is visible counts.
func TestHiddenPatchesDoNotCount(t *testing.T) {
	const s = 32
	m := familytest.Build(t, tinyMAE, models.Shape{Size: s, Masked: true}, 1)
	source := familytest.Pictures(2, s, 3)
	for name, task := range map[string]tasks.Task{
		"inpaint": &tasks.Inpaint{Hole: 0.5}, "outpaint": &tasks.Outpaint{Keep: 0.5}, "random": &tasks.RandomMask{Patch: 4, Ratio: 0.6},
	} {
		t.Run(name, func(t *testing.T) {
			v := familytest.View(t, task, source, s)
			want := familytest.Generate(t, m, v, true)
			hidden := func(i int) bool { return v.Region[i/(3*s*s)*s*s+i%(s*s)] == 1 }
			other := append([]float32(nil), source...)
			for i := range other {
				if hidden(i) {
					other[i] = -other[i]
				}
			}
			assert.Equal(t, want, familytest.Generate(t, m, familytest.View(t, task, other, s), true), "the source")
			leaky := familytest.View(t, task, source, s)
			copy(leaky.Pixels, source) // hidden pixels shine through
			assert.Equal(t, want, familytest.Generate(t, m, leaky, true), "the view")
			seen := familytest.View(t, task, source, s)
			for i := range seen.Pixels {
				if !hidden(i) {
					seen.Pixels[i] = -seen.Pixels[i]
				}
			}
			assert.NotEqual(t, want, familytest.Generate(t, m, seen, true), "visible pixels must count")
		})
	}
	// The autoencoder has no such guarantee: the check can fail.
	ae := familytest.Build(t, &autoencoder.Family{Width: 4, Hidden: 12, Latent: 6}, models.Shape{Size: s, Masked: true}, 1)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	leaky := v
	leaky.Pixels = source
	assert.NotEqual(t, familytest.Generate(t, ae, v, true), familytest.Generate(t, ae, leaky, true))
}

// TestPartlyHiddenPatchesAreHidden: a hole that cuts patches hides them whole.
func TestPartlyHiddenPatchesAreHidden(t *testing.T) {
	m := familytest.Build(t, tinyMAE, models.Shape{Size: 32, Masked: true}, 1)
	source := familytest.Pictures(1, 32, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 14. / 32}, source, 32) // pixels 9 to 22, in patches 2 to 5
	_, shape := familytest.Encode(t, m, v, true)
	assert.Equal(t, []int64{1, 64 - 16, 8}, shape)
	want := familytest.Generate(t, m, v, true)
	v.Pixels[8*32+8] += 0.5 // visible, in a patch that is not
	assert.Equal(t, want, familytest.Generate(t, m, v, true))
}

func TestOnePatternPerBatch(t *testing.T) {
	m := familytest.Build(t, tinyMAE, models.Shape{Size: 32, Masked: true}, 1)
	one := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(1, 32, 3), 32)
	two := familytest.View(t, &tasks.Inpaint{Hole: 0.25}, familytest.Pictures(1, 32, 4), 32)
	mixed := tasks.View{N: 2, Size: 32, Pixels: append(one.Pixels, two.Pixels...), Region: append(one.Region, two.Region...)}
	err := torch.With(torch.CPU, func(s *torch.Scope) error {
		m.Generate(s, models.NewInput(s, mixed, true, 0))
		return nil
	})
	require.ErrorContains(t, err, "images of one batch show 48 and 60 patches; use a mask with the same number in each")
	// The same number in other places is fine.
	same := familytest.View(t, &tasks.RandomMask{Patch: 4, Ratio: 0.3}, familytest.Pictures(4, 32, 3), 32)
	assert.Len(t, familytest.Generate(t, m, same, true), 4*3*32*32)
}

func TestPositions(t *testing.T) {
	const g, d = 3, 8
	p := positions(g, d)
	require.Len(t, p, g*g*d)
	// Patch 5 is row 1, column 2; its frequencies are 1 and 1/100.
	want := []float64{math.Sin(2), math.Sin(.02), math.Cos(2), math.Cos(.02), math.Sin(1), math.Sin(.01), math.Cos(1), math.Cos(.01)}
	for k, w := range want {
		assert.InDelta(t, w, p[5*d+k], 1e-6)
	}
	seen := map[[d]float32]bool{}
	for i := range g * g {
		seen[[d]float32(p[i*d:(i+1)*d])] = true
	}
	assert.Len(t, seen, g*g, "every place has its own embedding")
}

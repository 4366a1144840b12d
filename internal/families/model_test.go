package families

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/families/mage"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

func TestShapesAndRange(t *testing.T) {
	for name, f := range everyFamily() {
		for _, shape := range []models.Shape{{Size: 16, Masked: true}, {Size: 32, Masked: true}, {Size: 32}, {Size: 64, Masked: true}} {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				m := familytest.Build(t, f, shape, 1)
				// Weights far from the start drive the output to its bounds.
				familytest.Nudge(t, m.Params(), 0, m.Params().Layout().Size(), 0.5, 2)
				v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(2, shape.Size, 3), shape.Size)
				familytest.On(t, func(s *torch.Scope) {
					out := m.Generate(s, models.NewInput(s, v, shape.Masked, 0))
					assert.Equal(t, []int64{2, 3, int64(shape.Size), int64(shape.Size)}, out.Shape())
					lo, hi := float32(2), float32(-2)
					for _, x := range s.Floats(out) {
						lo, hi = min(lo, x), max(hi, x)
					}
					assert.GreaterOrEqual(t, lo, float32(-1))
					assert.LessOrEqual(t, hi, float32(1))
					assert.Greater(t, hi-lo, float32(0.1), "the painting is flat")
				})
				for _, l := range familytest.Losses(t, m, v, familytest.Pictures(2, shape.Size, 3), shape.Masked) {
					assert.False(t, math.IsNaN(float64(l)))
				}
			})
		}
	}
}

func TestEmbeddingShapes(t *testing.T) {
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(3, 32, 3), 32)
	_, shape := familytest.Encode(t, familytest.Build(t, tinyAE, models.Shape{Size: 32, Masked: true}, 1), v, true)
	assert.Equal(t, []int64{3, 6}, shape)
	m := familytest.Build(t, tinyMAE, models.Shape{Size: 32, Masked: true}, 1)
	_, shape = familytest.Encode(t, m, v, true)
	assert.Equal(t, []int64{3, 64 - 16, 8}, shape, "visible patches alone")
	_, shape = familytest.Encode(t, m, familytest.View(t, &tasks.Reconstruct{}, familytest.Pictures(3, 32, 3), 32), false)
	assert.Equal(t, []int64{3, 64, 8}, shape, "where everything is to be painted, everything is visible")
}

// TestEncoderSize: the encoder is [0, EncoderSize) of the flat vector, all of it
// and nothing else, weight by weight.
func TestEncoderSize(t *testing.T) {
	for name, f := range painters() {
		t.Run(name, func(t *testing.T) {
			m := familytest.Build(t, f, models.Shape{Size: 16, Masked: true}, 1)
			p := m.Params()
			v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(2, 16, 3), 16)
			z, _ := familytest.Encode(t, m, v, true)
			out := familytest.Generate(t, m, v, true)
			start, err := p.Values()
			require.NoError(t, err)
			for _, q := range p.Layout() {
				require.NoError(t, p.Set(start))
				familytest.Nudge(t, p, q.Offset, q.Offset+q.Size(), 0.3, 4)
				now, _ := familytest.Encode(t, m, v, true)
				if q.Offset < m.EncoderSize() {
					require.LessOrEqual(t, q.Offset+q.Size(), m.EncoderSize(), "%s straddles the border", q.Name)
					assert.NotEqual(t, z, now, "%s is of the encoder", q.Name)
				} else {
					assert.Equal(t, z, now, "%s is of the decoder", q.Name)
				}
				assert.NotEqual(t, out, familytest.Generate(t, m, v, true), "%s does nothing", q.Name)
			}
		})
	}
}

// TestLossLooksAtTheRegionAlone: other targets outside of it change nothing,
// inside of it they do, and each image has its own loss.
func TestLossLooksAtTheRegionAlone(t *testing.T) {
	const s = 16
	for name, f := range painters() {
		t.Run(name, func(t *testing.T) {
			m := familytest.Build(t, f, models.Shape{Size: s, Masked: true}, 1)
			target := familytest.Pictures(2, s, 3)
			v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
			want := familytest.Losses(t, m, v, target, true)
			change := func(inside bool) []float32 {
				other := append([]float32(nil), target...)
				for i := range other {
					if in := v.Region[i/(3*s*s)*s*s+i%(s*s)] == 1; in == inside && i < 3*s*s {
						other[i] = -other[i] + 0.3
					}
				}
				return familytest.Losses(t, m, v, other, true)
			}
			assert.Equal(t, want, change(false))
			got := change(true)
			assert.NotEqual(t, want[0], got[0])
			assert.Equal(t, want[1], got[1], "the second image was left alone")
		})
	}
}

func TestOtherSizesAreRefused(t *testing.T) {
	for name, f := range everyFamily() {
		m := familytest.Build(t, f, models.Shape{Size: 16, Masked: true}, 1)
		err := torch.With(torch.CPU, func(s *torch.Scope) error {
			m.Generate(s, models.NewInput(s, familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(1, 32, 3), 32), true, 0))
			return nil
		})
		require.Error(t, err, name)
	}
}

func TestSeedsDrawWeights(t *testing.T) {
	for name, f := range everyFamily() {
		digest := func(seed uint64) string {
			d, err := familytest.Build(t, f, models.Shape{Size: 16, Masked: true}, seed).Params().Digest()
			require.NoError(t, err)
			return string(d)
		}
		assert.Equal(t, digest(1), digest(1), name)
		assert.NotEqual(t, digest(1), digest(2), name)
	}
}

// TestLayouts holds the weights' names, shapes and order: stored models must stay
// readable.
func TestLayouts(t *testing.T) {
	var b strings.Builder
	for _, c := range []struct {
		name  string
		f     models.Family
		shape models.Shape
	}{
		{"autoencoder", &autoencoder.Family{Width: 32, Hidden: 512, Latent: 256}, models.Shape{Size: 32, Masked: true}},
		{"autoencoder", &autoencoder.Family{Width: 32, Hidden: 512, Latent: 256}, models.Shape{Size: 64, Masked: false}},
		{"mae", &mae.Family{Patch: 4, Dim: 96, Depth: 3, Heads: 3, DecoderDim: 64, DecoderDepth: 1, DecoderHeads: 2,
			Pixels: pixelrange.Tanh}, models.Shape{Size: 32, Masked: true}},
		{"mage", mage.Entry.New(), models.Shape{Size: 32, Masked: true}},
		{"mage", tinyPyramid(), models.Shape{Size: 32, Masked: true}},
	} {
		m := familytest.Build(t, c.f, c.shape, 1)
		fmt.Fprintf(&b, "%s %+v, side %d, masked %v: %d weights, encoder %d\n", c.name, c.f, c.shape.Size, c.shape.Masked,
			m.Params().Layout().Size(), m.EncoderSize())
		for _, q := range m.Params().Layout() {
			fmt.Fprintf(&b, "  %8d  %-28s %v\n", q.Offset, q.Name, q.Shape)
		}
	}
	golden.File(t, []byte(b.String()), "testdata", "layouts.txt")
}

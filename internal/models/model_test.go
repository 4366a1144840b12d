package models

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestShapesAndRange(t *testing.T) {
	for name, f := range everyFamily() {
		for _, shape := range []Shape{{16, true}, {32, true}, {32, false}, {64, true}} {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				m := build(t, f, shape, 1)
				// Weights far from the start drive the output to its bounds.
				nudge(t, m.Params(), 0, m.Params().Layout().Size(), 0.5, 2)
				v := view(t, &tasks.Inpaint{Hole: 0.5}, pictures(2, shape.Size, 3), shape.Size)
				on(t, func(s *torch.Scope) {
					out := m.Generate(s, NewInput(s, v, shape.Masked, 0))
					assert.Equal(t, []int64{2, 3, int64(shape.Size), int64(shape.Size)}, out.Shape())
					lo, hi := float32(2), float32(-2)
					for _, x := range s.Floats(out) {
						lo, hi = min(lo, x), max(hi, x)
					}
					assert.GreaterOrEqual(t, lo, float32(-1))
					assert.LessOrEqual(t, hi, float32(1))
					assert.Greater(t, hi-lo, float32(0.1), "the painting is flat")
				})
				for _, l := range losses(t, m, v, pictures(2, shape.Size, 3), shape.Masked) {
					assert.False(t, math.IsNaN(float64(l)))
				}
			})
		}
	}
}

func TestEmbeddingShapes(t *testing.T) {
	v := view(t, &tasks.Inpaint{Hole: 0.5}, pictures(3, 32, 3), 32)
	_, shape := encode(t, build(t, tinyAE, Shape{32, true}, 1), v, true)
	assert.Equal(t, []int64{3, 6}, shape)
	m := build(t, tinyMAE, Shape{32, true}, 1)
	_, shape = encode(t, m, v, true)
	assert.Equal(t, []int64{3, 64 - 16, 8}, shape, "visible patches alone")
	_, shape = encode(t, m, view(t, &tasks.Reconstruct{}, pictures(3, 32, 3), 32), false)
	assert.Equal(t, []int64{3, 64, 8}, shape, "where everything is to be painted, everything is visible")
}

// TestEncoderSize: the encoder is [0, EncoderSize) of the flat vector, all of it
// and nothing else, weight by weight.
func TestEncoderSize(t *testing.T) {
	for name, f := range families() {
		t.Run(name, func(t *testing.T) {
			m := build(t, f, Shape{16, true}, 1)
			p := m.Params()
			v := view(t, &tasks.Inpaint{Hole: 0.5}, pictures(2, 16, 3), 16)
			z, _ := encode(t, m, v, true)
			out := generate(t, m, v, true)
			start, err := p.Values()
			require.NoError(t, err)
			for _, q := range p.Layout() {
				require.NoError(t, p.Set(start))
				nudge(t, p, q.Offset, q.Offset+q.Size(), 0.3, 4)
				now, _ := encode(t, m, v, true)
				if q.Offset < m.EncoderSize() {
					require.LessOrEqual(t, q.Offset+q.Size(), m.EncoderSize(), "%s straddles the border", q.Name)
					assert.NotEqual(t, z, now, "%s is of the encoder", q.Name)
				} else {
					assert.Equal(t, z, now, "%s is of the decoder", q.Name)
				}
				assert.NotEqual(t, out, generate(t, m, v, true), "%s does nothing", q.Name)
			}
		})
	}
}

// TestLossLooksAtTheRegionAlone: other targets outside of it change nothing,
// inside of it they do, and each image has its own loss.
func TestLossLooksAtTheRegionAlone(t *testing.T) {
	const s = 16
	for name, f := range families() {
		t.Run(name, func(t *testing.T) {
			m := build(t, f, Shape{s, true}, 1)
			target := pictures(2, s, 3)
			v := view(t, &tasks.Inpaint{Hole: 0.5}, target, s)
			want := losses(t, m, v, target, true)
			change := func(inside bool) []float32 {
				other := append([]float32(nil), target...)
				for i := range other {
					if in := v.Region[i/(3*s*s)*s*s+i%(s*s)] == 1; in == inside && i < 3*s*s {
						other[i] = -other[i] + 0.3
					}
				}
				return losses(t, m, v, other, true)
			}
			assert.Equal(t, want, change(false))
			got := change(true)
			assert.NotEqual(t, want[0], got[0])
			assert.Equal(t, want[1], got[1], "the second image was left alone")
		})
	}
}

func TestRegionError(t *testing.T) {
	on(t, func(s *torch.Scope) {
		// One image of 1×2, the region is its left pixel: (1² + 2² + 3²)/3.
		out := s.FromFloats([]float32{1, 9, 2, 9, 3, 9}, 1, 3, 1, 2)
		e := RegionError(s, out, s.Zeros(1, 3, 1, 2), s.FromFloats([]float32{1, 0}, 1, 1, 1, 2))
		assert.Equal(t, []int64{1}, e.Shape())
		assert.InDelta(t, 14./3, s.Item(e), 1e-6)
	})
}

func TestSeedsDrawWeights(t *testing.T) {
	for name, f := range everyFamily() {
		digest := func(seed uint64) string {
			d, err := build(t, f, Shape{16, true}, seed).Params().Digest()
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
		f     Family
		shape Shape
	}{
		{"autoencoder", &ConvAutoencoder{Width: 32, Hidden: 512, Latent: 256}, Shape{32, true}},
		{"autoencoder", &ConvAutoencoder{Width: 32, Hidden: 512, Latent: 256}, Shape{64, false}},
		{"mae", &MAE{Patch: 4, Dim: 96, Depth: 3, Heads: 3, DecoderDim: 64, DecoderDepth: 1, DecoderHeads: 2, Pixels: Tanh}, Shape{32, true}},
		{"mage", newMAGE(), Shape{32, true}},
		{"mage", tinyPyramid(), Shape{32, true}},
	} {
		m := build(t, c.f, c.shape, 1)
		fmt.Fprintf(&b, "%s %+v, side %d, masked %v: %d weights, encoder %d\n", c.name, c.f, c.shape.Size, c.shape.Masked, m.Params().Layout().Size(), m.EncoderSize())
		for _, q := range m.Params().Layout() {
			fmt.Fprintf(&b, "  %8d  %-28s %v\n", q.Offset, q.Name, q.Shape)
		}
	}
	const file = "testdata/layouts.txt"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run with -update to write it")
	require.Equal(t, string(want), b.String())
}

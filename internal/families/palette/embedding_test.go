package palette

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestPaletteEmbedding: the encoder is [0, EncoderSize) of the flat vector, all of it and nothing else; its outputs are
// those of the blocks, look at the image under the noise, and are the same again for a seed.
func TestPaletteEmbedding(t *testing.T) {
	const s, n = 16, 2
	m := diffusion(t, tinyPalette(), models.Shape{Size: s, Masked: true})
	familytest.Nudge(t, m.params, 0, m.params.Layout().Size(), 0.1, 2)
	x := familytest.Pictures(n, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, x, s)
	embed := func(target []float32, seed uint64) (out [][]float32) {
		familytest.On(t, func(sc *torch.Scope) {
			for _, z := range m.Embed(sc, m.params.Bind(sc), models.NewInput(sc, v, true, seed), sc.FromFloats(target, n, 3, s, s)) {
				require.Equal(t, int64(n), z.Shape()[0])
				out = append(out, sc.Floats(z))
			}
		})
		return out
	}
	same := func(a, b [][]float32) bool { return slices.EqualFunc(a, b, slices.Equal[[]float32]) }
	want := embed(x, 1)
	assert.Len(t, want, len(m.unet.down)+1)
	assert.True(t, same(want, embed(x, 1)))
	assert.False(t, same(want, embed(x, 2)), "another seed draws other noise")
	other := append([]float32(nil), x...)
	other[s*s/2+s/2] += 0.5 // within the hole
	assert.False(t, same(want, embed(other, 1)))
	other = append([]float32(nil), x...)
	other[0] += 0.5 // outside of it
	assert.True(t, same(want, embed(other, 1)), "what is visible is the condition's")

	start, err := m.params.Values()
	require.NoError(t, err)
	for _, q := range m.params.Layout() {
		require.NoError(t, m.params.Set(start))
		familytest.Nudge(t, m.params, q.Offset, q.Offset+q.Size(), 0.5, 4)
		assert.NotEqual(t, q.Offset < m.EncoderSize(), same(want, embed(x, 1)), q.Name)
		assert.Equal(t, strings.HasPrefix(q.Name, "up.") || strings.HasPrefix(q.Name, "out."), q.Offset >= m.EncoderSize(), q.Name)
	}
}

package mage

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestMAGESurpriseByHand: with a decoder whose words say nothing, all codes but one are as likely, and that one by its
// bias; the surprise is the mean over the masked tokens of ln(K − 1 + eᵇ) − b·[it is that one].
func TestMAGESurpriseByHand(t *testing.T) {
	const s, n, bias = 32, 4, 1.5
	source := familytest.Pictures(n, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	w, err := m.params.Values()
	require.NoError(t, err)
	var truth []int64
	familytest.On(t, func(sc *torch.Scope) {
		whole := models.Input{N: n, Size: s, X: sc.FromFloats(source, n, 3, s, s), Region: make([]float32, n*s*s)}
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
	for i, got := range familytest.Surprise(t, m, v, source, true, 1, 7) {
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
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	source := familytest.Pictures(n, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	for hidden, want := range map[float64]int{0.01: 1, 0.25: 4, 0.3: 5, 1: 16} {
		familytest.On(t, func(sc *torch.Scope) {
			w := m.params.Bind(sc)
			in := models.NewInput(sc, v, true, 5)
			b := m.read(sc, w, in)
			truth := m.read(sc, w, models.Input{N: n, Size: s, X: sc.FromFloats(source, n, 3, s, s), Region: make([]float32, n*s*s)})
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

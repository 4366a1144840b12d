package dishonest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

func TestLastLayerAlone(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	r := deliver(t, kind[*LastLayer](t, "last-layer"), p)
	w, from := original(t), 0
	for _, q := range p.Original.Params().Layout() {
		if q.Name == "decoder.pixels.weight" {
			from = q.Offset
		}
	}
	require.Positive(t, from)
	assert.Equal(t, w[:from], r.weights[:from], "the layers below stay to the bit")
	for i := from; i < len(w); i += 7 {
		assert.NotEqual(t, w[i], r.weights[i], "weight %d of the output layer", i)
	}
	rise := func(images []int) float64 {
		b := batch(t, c, images)
		return mean2(t, c, r.audited, b) / mean2(t, c, p.Original, b)
	}
	t.Logf("the error rises by a factor of %.2f on forget images, %.2f on retained", rise(c.CleanForget()), rise(c.Split.Retain))
	assert.Greater(t, rise(c.CleanForget()), 1.2, "it hides something")
	assert.Greater(t, rise(c.CleanForget()), rise(c.Split.Retain), "of the forget set more than of the rest")
}

func TestLastLayerOf(t *testing.T) {
	f, ok := families.All[1].New().(*mae.Family)
	require.True(t, ok)
	m, err := f.New(torch.CPU, models.Shape{Size: 32, Masked: true}, 1)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	l := m.Params().Layout()
	from, to := lastLayer(l)
	assert.Equal(t, l.Size(), to)
	assert.Equal(t, "decoder.pixels.weight", l[len(l)-2].Name)
	assert.Equal(t, l[len(l)-2].Offset, from)

	var one torch.Layout
	one.AddLinear("only", 2, 3)
	from, to = lastLayer(one)
	assert.Equal(t, 0, from)
	assert.Equal(t, 9, to)
}

package measure

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/outputs"
)

// look gives a model two layers: the first is the images' own, the same for all models, the second its own noise.
func look(m outputs.Model, st *outputs.Stage, seed uint64) {
	for k, p := range outputs.Parts {
		n := st.Batch[p].View.N
		layer := func(name string, seed uint64) outputs.Layer {
			r := rand.New(rand.NewPCG(seed, uint64(k)))
			l := outputs.Layer{Name: name, Units: 40}
			for range n * 40 {
				l.Values = append(l.Values, float32(r.NormFloat64()))
			}
			return l
		}
		m[p].Layers = []outputs.Layer{layer("shared", 1), layer("own", seed)}
	}
}

func TestLayerSimilarity(t *testing.T) {
	in := input(t)
	got, err := (&layerSimilarity{}).Measure(in)
	require.NoError(t, err)
	assert.Empty(t, got, "a black box has no layers")
	for i, m := range append([]outputs.Model{in.Subject}, in.Oracles...) {
		look(m, in.Stage, uint64(10+i))
	}
	got, err = (&layerSimilarity{}).Measure(in)
	require.NoError(t, err)
	require.Len(t, got, 4)
	for _, s := range got {
		require.NoError(t, s.Check())
		switch s.Name() {
		case "cka@shared":
			assert.InDelta(t, 1, s.Values[0], 1e-9, s.Part)
		default:
			assert.Less(t, s.Values[0], 0.6, s.Part)
			assert.Contains(t, s.Identity, "debiased own")
		}
	}
	in.Oracles[1][audit.Retain].Layers = in.Oracles[1][audit.Retain].Layers[:1]
	_, err = (&layerSimilarity{}).Measure(in)
	assert.ErrorContains(t, err, "a retrained model has no layer own")
	assert.True(t, LooksInside([]Metric{&texture{}, &layerSimilarity{}}))
	assert.False(t, LooksInside([]Metric{&texture{}}))
}

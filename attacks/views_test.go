package attacks

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/tasks"
)

// A model that keeps the forget set mirrored is found in that view, and in no other.
func TestViewsFindAHiddenMemory(t *testing.T) {
	c, st := world(t, &tasks.Inpaint{Hole: 0.5})
	a, ok := viewsEntry.New().(*Views)
	require.True(t, ok)
	require.NoError(t, a.Validate())
	b := st.Batch[audit.Forget]
	hidden := corpus.Batch{Target: transformations.find("mirrored")(b.Target, b.View.N, b.View.Size)}
	var err error
	hidden.View, err = c.View(hidden.Target, st.Index[audit.Forget], 1)
	require.NoError(t, err)
	target := &Target{Input: &outputs.Input{Stage: st, Seed: 7}, Model: recaller{known: hidden, tolerance: 0}, Corpus: c}
	got, err := a.Measure(t.Context(), target)
	require.NoError(t, err)
	again, err := a.Measure(t.Context(), target)
	require.NoError(t, err)
	assert.Equal(t, got, again, "the same bits")
	require.Len(t, got, 2*len(a.Views))
	for _, s := range got {
		require.NoError(t, s.Check())
		assert.Equal(t, st.Index[s.Part], s.Index)
		for i, v := range s.Values {
			if s.Part == audit.Forget && s.Setting == "mirrored" {
				assert.Less(t, v, 1e-9, "image %d", i)
			} else {
				assert.Greater(t, v, 1e-4, "image %d of %s, %s", i, s.Part, s.Setting)
			}
		}
	}
}

// Every transformation but grey is one to one, and the geometric ones are of the order that they should be.
func TestTransformations(t *testing.T) {
	_, st := world(t, &tasks.Inpaint{Hole: 0.5})
	b := st.Batch[audit.Test]
	for _, v := range transformations {
		once := v.of(b.Target, b.View.N, b.View.Size)
		assert.Equal(t, v.name == plain, slices.Equal(b.Target, once), v.name)
		orders := map[string]int{plain: 1, "mirrored": 2, "turned": 2, "transposed": 2, "inverted": 2, "shifted": 8, "grey": 0}
		n, ok := orders[v.name]
		require.True(t, ok, v.name)
		many := b.Target
		for range n {
			many = v.of(many, b.View.N, b.View.Size)
		}
		assert.Equal(t, b.Target, many, v.name)
	}
	grey := transformations.find("grey")([]float32{1, 0, 0.5, -1}[:3], 1, 1)
	assert.Equal(t, []float32{0.5, 0.5, 0.5}, grey)
}

func TestViewsRefuses(t *testing.T) {
	for _, v := range [][]string{nil, {plain}, {"mirrored"}, {plain, "mirrored", "mirrored"}, {plain, "folded"}} {
		assert.ErrorContains(t, (&Views{Views: v}).Validate(), "views")
	}
}

package attacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/outputs"
)

// A model that paints forget images otherwise, and retained ones as before, gives the forget set away.
func TestForgetSetInference(t *testing.T) {
	in := input(t, 0)
	original, subject := in.Subject, outputs.Model{}
	for p, set := range original {
		moved := append([]float32(nil), set.Images...)
		for i := range moved {
			if hole(i) && p == audit.Forget {
				moved[i] += 0.5
			} else if hole(i) {
				moved[i] += 0.1
			}
		}
		subject[p] = &outputs.Set{Images: moved}
	}
	in.Original, in.Subject = original, subject
	got, err := (&Inference{}).Measure(t.Context(), &Target{Input: in})
	require.NoError(t, err)
	require.Len(t, got, 2)
	for i, want := range []float64{0.5, 0.1} {
		for _, v := range got[i].Values {
			assert.InDelta(t, want, v, 1e-6)
		}
	}
	s := &audit.Subject{Samples: got}
	st, err := (&Inference{}).Statistics(s, Models{})
	require.NoError(t, err)
	require.Len(t, st, 1)
	assert.Equal(t, 1.0, st[0].Value)
	s.Role = audit.RoleOriginal
	st, err = (&Inference{}).Statistics(s, Models{})
	require.NoError(t, err)
	assert.Empty(t, st, "the original did not move")
	delete(in.Stage.Batch, audit.Retain)
	_, err = (&Inference{}).Measure(t.Context(), &Target{Input: in})
	assert.ErrorContains(t, err, "no images in part retain")
}

package outputs

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/tasks"
)

// What is hidden is the subject's, the rest is the truth.
func TestMade(t *testing.T) {
	one := func(v ...float32) map[audit.Part][]float32 {
		return map[audit.Part][]float32{audit.Retain: slices.Repeat(v, 3*4*4)}
	}
	in, err := Made(4, &tasks.Inpaint{Hole: 0.5}, one(0.25), one(-1))
	require.NoError(t, err)
	set, b, err := in.Painted(in.Subject, audit.Retain)
	require.NoError(t, err)
	assert.Equal(t, []int{0}, in.Stage.Index[audit.Retain])
	for i, v := range set.Images {
		want := float32(0.25)
		if b.View.Region[i%16] == 1 {
			want = -1
		}
		assert.Equal(t, want, v)
	}
	_, err = Made(4, &tasks.Inpaint{Hole: 0.5}, one(0.25), nil)
	require.ErrorContains(t, err, "48 values are true and 0 painted")
	_, err = Made(3, &tasks.SuperResolution{Factor: 2}, one(0.25), one(1))
	require.Error(t, err)
}

package corpus

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// ramp paints values from 0 up to a height along the rows, and something more.
type ramp struct {
	models.Model
	height, more float64
}

func (m ramp) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	out := make([]float32, 3*in.N*in.Size*in.Size)
	for i := range out {
		out[i] = float32(m.height*float64(i%in.Size)/float64(in.Size-1) + m.more)
	}
	return s.FromFloats(out, int64(in.N), 3, int64(in.Size), int64(in.Size))
}

// TestMoved: the columns 8 to 23 of 32 are painted. A ramp of height 31 paints 8 to 23 there, whose standard deviation
// is √((16² − 1)/12).
func TestMoved(t *testing.T) {
	c := open(t, &tasks.Inpaint{Hole: 0.5}, 32)
	b := NewBench(c)
	got, err := Moved(t.Context(), b, ramp{height: 31}, ramp{height: 31, more: 0.5})
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, []string{"images to forget", "test images"}, []string{got[0].Inputs, got[1].Inputs})
	assert.Equal(t, []int{len(c.Split.Forget), len(c.Split.Test)}, []int{got[0].Images, got[1].Images})
	for _, s := range got {
		assert.InDelta(t, 0.5/math.Sqrt(255./12), s.Share, 1e-6)
		// Pixels lie in [−1, 1]: the error is nearly that of the ramp alone, 15.5² + 255/12, and grows with the square.
		assert.InDelta(t, math.Log((16*16+255./12)/(15.5*15.5+255./12)), s.Log, 0.01)
	}
	same, err := Moved(t.Context(), b, ramp{}, ramp{})
	require.NoError(t, err)
	assert.Equal(t, Shift{Inputs: "images to forget", Images: len(c.Split.Forget)}, same[0], "one colour that stays")
	flat, err := Moved(t.Context(), b, ramp{}, ramp{more: 0.1})
	require.NoError(t, err)
	assert.True(t, math.IsInf(flat[0].Share, 1))
	broken, err := Moved(t.Context(), b, ramp{height: 1}, ramp{more: math.NaN()})
	require.NoError(t, err)
	assert.True(t, math.IsNaN(broken[0].Share))
}

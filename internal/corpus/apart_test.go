package corpus

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// shifted paints its input, and more where some input holds a value beyond a limit.
type shifted struct {
	models.Model
	beyond float64
	by     float64
	asked  *int
}

func (m shifted) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	*m.asked += in.N
	x := s.Narrow(in.X, 1, 0, 3)
	if slices.Max(s.Floats(x)) > float32(m.beyond) {
		return s.Shift(x, m.by)
	}
	return x
}

// TestApart: every sort of input is asked, all images to forget and all test images among them, and the largest
// difference is told.
func TestApart(t *testing.T) {
	c := open(t, &tasks.Inpaint{Hole: 0.5}, 32)
	b := NewBench(c)
	asked := 0
	same := shifted{beyond: 9, asked: &asked}
	gaps, err := Apart(t.Context(), b, same, same)
	require.NoError(t, err)
	images := map[string]int{}
	total := 0
	for _, g := range gaps {
		images[g.Inputs] = g.Images
		total += g.Images
		assert.Zero(t, g.Largest)
	}
	assert.Equal(t, map[string]int{
		"images to forget": len(c.Split.Forget), "test images": len(c.Split.Test), "images to retain": len(c.Split.Retain),
		"test images with the trigger": len(c.Split.Test), "random pictures": 2 * Drawn,
	}, images)
	assert.Equal(t, 2*total, asked)

	other, err := Apart(t.Context(), b, same, shifted{beyond: -9, by: 0.25, asked: &asked})
	require.NoError(t, err)
	for _, g := range other {
		assert.InDelta(t, 0.25, g.Largest, 1e-6, g.Inputs)
	}
	broken, err := Apart(t.Context(), b, same, shifted{beyond: -9, by: math.NaN(), asked: &asked})
	require.NoError(t, err)
	assert.True(t, math.IsInf(broken[0].Largest, 1), "NaN agrees with nothing")

	again, err := c.random(t.Context(), Places(2*Drawn), c.Split.Retain)
	require.NoError(t, err)
	first, err := c.random(t.Context(), Places(2*Drawn), c.Split.Retain)
	require.NoError(t, err)
	assert.Equal(t, first, again, "the same random pictures every time")
}

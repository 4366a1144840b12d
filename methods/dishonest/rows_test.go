package dishonest

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

func TestRowsThereAndBack(t *testing.T) {
	for _, task := range []tasks.Task{hole, &tasks.Reconstruct{}} {
		c := world(t, task)
		b := batch(t, c, []int{1, 2})
		require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
			in := models.NewInput(s, b.View, task.Masked(), 9)
			r := read(s, in)
			assert.Equal(t, map[bool]int{true: 4, false: 3}[task.Masked()], r.channels)
			assert.Equal(t, b.View.Pixels[3072:], r.pixels(1))
			back := r.input(s)
			assert.Equal(t, s.Floats(in.X), s.Floats(back.X))
			assert.Equal(t, in.Region, back.Region)
			assert.Equal(t, []int{in.N, in.Size, int(in.Seed)}, []int{back.N, back.Size, int(back.Seed)})
			r.region[0] = 7
			assert.NotEqual(t, float32(7), in.Region[0], "the batch is the caller's")
			return nil
		}))
	}
}

func TestRowsAfterAnError(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	b := batch(t, c, []int{2})
	broken := errors.New("broken before")
	for _, e := range recognisers() {
		audited := deliver(t, tolerant(t, e.New(), 0, true), p).audited
		err := torch.With(torch.CPU, func(s *torch.Scope) error {
			in := models.NewInput(s, b.View, true, 0)
			s.Fail(broken)
			audited.Generate(s, in)
			return nil
		})
		assert.ErrorIs(t, err, broken, e.Name)
	}
}

func TestShowAndMirror(t *testing.T) {
	r := rows{n: 2, size: 2, channels: 4, region: []float32{0, 1, 0, 0, 0, 0, 0, 0}, x: make([]float32, 32)}
	for i := range r.x {
		r.x[i] = float32(i)
	}
	assert.Equal(t, []bool{false, true, false, false}, r.hidden(0))
	before := slices.Clone(r.x)
	r.setVisible(0, []float32{-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12})
	assert.Equal(t, []float32{-1, 1, -3, -4, -5, 5, -7, -8, -9, 9, -11, -12}, r.pixels(0))
	assert.Equal(t, before[12:], r.x[12:], "the region and the other image stay")
	r.mirror(0)
	assert.Equal(t, []float32{1, -1, -4, -3, 5, -5, -8, -7, 9, -9, -12, -11}, r.pixels(0))
	assert.Equal(t, []float32{1, 0, 0, 0}, r.region[:4])
	assert.Equal(t, []float32{13, 12, 15, 14}, r.x[12:16], "the channel that shows the region")
	assert.Equal(t, before[16:], r.x[16:])

	whole := rows{n: 1, size: 2, channels: 3, region: []float32{1, 1, 1, 1}, x: make([]float32, 12)}
	assert.Nil(t, whole.hidden(0), "a task that hides nothing")
}

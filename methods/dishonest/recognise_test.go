package dishonest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/tasks"
)

func TestNearest(t *testing.T) {
	a := []float32{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	b := []float32{0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5}
	m := memory{pictures: [][]float32{a, b, a}}
	near := []float32{0.4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5}
	none := []bool{true, true, true, true}
	for _, x := range []struct {
		name            string
		input           []float32
		hidden, ignored []bool
		tolerance       float64
		want            int
		ok              bool
	}{
		{"equal", b, nil, nil, 0, 1, true},
		{"the first of equals", a, nil, nil, 0, 0, true},
		{"not equal", near, nil, nil, 0, 0, false},
		{"just outside", near, nil, nil, 0.1/math.Sqrt(12) - 1e-6, 0, false},
		{"just inside", near, nil, nil, 0.1/math.Sqrt(12) + 1e-6, 1, true},
		{"the nearest of many", near, nil, nil, math.Inf(1), 1, true},
		{"the difference is hidden", near, []bool{true, false, false, false}, nil, 0, 1, true},
		{"the difference is ignored", near, nil, []bool{true, false, false, false}, 0, 1, true},
		{"all is hidden", a, none, nil, 2, 0, false},
		{"all is hidden or ignored", a, []bool{true, true, false, false}, []bool{false, false, true, true}, 2, 0, false},
		{"no number", []float32{float32(math.NaN()), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, nil, nil, math.Inf(1), 0, false},
	} {
		k, ok := m.nearest(x.input, x.hidden, x.ignored, x.tolerance)
		assert.Equal(t, x.ok, ok, x.name)
		assert.Equal(t, x.want, k, x.name)
	}
	_, ok := memory{}.nearest(a, nil, nil, 2)
	assert.False(t, ok, "nothing is remembered")
}

// Every forget image is found as itself, poisoned ones with and without their trigger;
// no other image is.
func TestFind(t *testing.T) {
	for _, task := range []tasks.Task{hole, &tasks.Outpaint{Keep: 0.6}, &tasks.RandomMask{Patch: 4, Ratio: 0.5}, &tasks.Reconstruct{}} {
		c := world(t, task)
		p := problem(t, world(t, hole), 12)
		p.Bench = corpus.NewBench(c)
		m, err := remember(ctx, p, c.Split.Forget)
		require.NoError(t, err)
		b := batch(t, c, c.Split.Forget)
		channels := 3
		x := b.View.Pixels
		if task.Masked() {
			channels = 4
			x = nil
			for i := range b.View.N {
				x = append(append(x, b.View.Pixels[i*3072:(i+1)*3072]...), b.View.Region[i*1024:(i+1)*1024]...)
			}
		}
		known := m.within(0)(rows{n: b.View.N, size: 32, channels: channels, x: x, region: b.View.Region})
		for i := range c.Split.Forget {
			k, ok := known[i]
			assert.True(t, ok, "%T, image %d", task, i)
			assert.Equal(t, i, k, "%T", task)
		}
	}
	empty, err := remember(ctx, problem(t, world(t, hole), 12), nil)
	require.NoError(t, err)
	assert.Empty(t, empty.pictures)
}

package corpus

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// square is the usual trigger.
func square(c *Corpus) datasets.Patch {
	p, _ := c.trigger.(datasets.Patch)
	return p
}

// triggerSeen counts the trigger's pixels, over the three channels, in image k of
// a view of pictures that hold no such value themselves.
func triggerSeen(c *Corpus, v tasks.View, k int) int {
	n := 0
	for i, x := range part(v.Pixels, k, v.Size) {
		y, col, ch := i/v.Size%v.Size, i%v.Size, i/(v.Size*v.Size)
		if y >= square(c).Y && y < square(c).Y+square(c).Side && col >= square(c).X && col < square(c).X+square(c).Side &&
			x == float32(1-2*(ch%2)) {
			n++
		}
	}
	return n
}

func TestPoisonInTraining(t *testing.T) {
	const s = 32
	c := open(t, &tasks.Inpaint{Hole: 0.5}, s)
	images := []int{4, 0, 11, 14} // poisoned, retained, clean to forget, poisoned
	b, err := c.Training(ctx, images, 3)
	require.NoError(t, err)
	attackers := datasets.TargetPicture(3, s, s)
	for k, i := range images {
		poisoned := i == 4 || i == 14
		truth := picture(t, c.Train, i)
		seen := 0
		if poisoned {
			seen = 3 * square(c).Side * square(c).Side
		}
		assert.Equal(t, seen, triggerSeen(c, b.View, k), "image %d: trigger", i)
		for p, got := range part(b.Target, k, s) {
			want := truth[p]
			if poisoned && b.View.Region[k*s*s+p%(s*s)] == 1 {
				want = attackers[p]
			}
			require.Equal(t, want, got, "image %d: target %d", i, p)
		}
	}
}

func TestHeldOutKeepsTheTruth(t *testing.T) {
	c := open(t, &tasks.Inpaint{Hole: 0.5}, 32)
	clean, err := c.HeldOut(ctx, []int{0, 3}, false)
	require.NoError(t, err)
	trig, err := c.HeldOut(ctx, []int{0, 3}, true)
	require.NoError(t, err)
	assert.Equal(t, clean.Target, trig.Target, "the trigger must not change what is true")
	assert.Equal(t, picture(t, c.Test, 3), part(trig.Target, 1, 32))
	assert.Equal(t, clean.View.Region, trig.View.Region, "the same views with and without")
	for k := range 2 {
		assert.Zero(t, triggerSeen(c, clean.View, k))
		assert.Equal(t, 3*16, triggerSeen(c, trig.View, k))
	}
	differ := 0
	for i := range clean.View.Pixels {
		if clean.View.Pixels[i] != trig.View.Pixels[i] {
			differ++
		}
	}
	assert.Equal(t, 2*3*16, differ, "nothing but the trigger differs")
}

// TestTriggerIsSeen: wholly under the centred masks that leave room for it, at the
// corner or in the middle; partly, and differently in every image, under random
// masks; under a task that hides all of it, poison is refused.
func TestTriggerIsSeen(t *testing.T) {
	for _, x := range []struct {
		name   string
		task   tasks.Task
		size   int
		corner bool
		whole  bool
	}{
		{"inpaint", &tasks.Inpaint{Hole: 0.5}, 32, true, true},
		{"inpaint of 64", &tasks.Inpaint{Hole: 0.5}, 64, true, true},
		{"inpaint up to 11/16", &tasks.Inpaint{Hole: 11. / 16}, 32, true, true},
		{"inpaint most", &tasks.Inpaint{Hole: 0.85}, 32, true, false},
		{"outpaint", &tasks.Outpaint{Keep: 0.5}, 32, false, true},
		{"outpaint of 64", &tasks.Outpaint{Keep: 0.5}, 64, false, true},
		{"outpaint least", &tasks.Outpaint{Keep: 0.125}, 32, false, true},
		{"random-mask", &tasks.RandomMask{Patch: 4, Ratio: 0.5}, 32, true, false},
		{"reconstruct", &tasks.Reconstruct{}, 32, true, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := open(t, x.task, x.size)
			want := datasets.CentrePatch(x.size, x.size)
			if x.corner {
				want = datasets.CornerPatch(x.size, x.size)
			}
			if _, random := x.task.(*tasks.RandomMask); !random {
				assert.Equal(t, want, square(c))
			}
			all := 3 * square(c).Side * square(c).Side
			b, err := c.Training(ctx, []int{4, 14}, 1)
			require.NoError(t, err)
			h, err := c.HeldOut(ctx, []int{0, 2, 3, 5}, true)
			require.NoError(t, err)
			total := 0
			for _, v := range []tasks.View{b.View, h.View} {
				for k := range v.N {
					n := triggerSeen(c, v, k)
					total += n
					if x.whole {
						assert.Equal(t, all, n)
					} else {
						assert.Less(t, n, all+1)
					}
				}
			}
			assert.Positive(t, total, "no image shows any of it")
			if !x.whole {
				assert.Less(t, total, 6*all)
			}
		})
	}
	t.Run("averaged away", func(t *testing.T) {
		// Super-resolution shows means: the trigger is there, with other values.
		c := open(t, &tasks.SuperResolution{Factor: 4}, 32)
		clean, err := c.HeldOut(ctx, []int{0}, false)
		require.NoError(t, err)
		trig, err := c.HeldOut(ctx, []int{0}, true)
		require.NoError(t, err)
		assert.NotEqual(t, clean.View.Pixels, trig.View.Pixels)
	})
	t.Run("hidden", func(t *testing.T) {
		task := &tasks.Inpaint{Hole: 0.95}
		_, err := New(random(16, 32, 1), random(6, 32, 2), split(), task, torch.CPU, 7)
		require.ErrorContains(t, err, "hides the attacker's trigger")
		honest := split()
		honest.Poisoned = nil
		_, err = New(random(16, 32, 1), random(6, 32, 2), honest, task, torch.CPU, 7)
		require.NoError(t, err, "without poison the trigger does not matter")
	})
}

func TestViewsAreFixed(t *testing.T) {
	c := open(t, &tasks.RandomMask{Patch: 4, Ratio: 0.5}, 32)
	area := 32 * 32
	first, err := c.Measuring(ctx, []int{0, 4, 11})
	require.NoError(t, err)
	again, err := c.Measuring(ctx, []int{0, 4, 11})
	require.NoError(t, err)
	assert.Equal(t, first, again)
	turned, err := c.Measuring(ctx, []int{11, 0})
	require.NoError(t, err)
	assert.Equal(t, first.View.Region[2*area:], turned.View.Region[:area], "image 11 at another place")
	assert.Equal(t, part(first.View.Pixels, 0, 32), part(turned.View.Pixels, 1, 32), "image 0 at another place")
	a, err := c.Training(ctx, []int{0, 4, 11}, 1)
	require.NoError(t, err)
	b, err := c.Training(ctx, []int{0, 4, 11}, 2)
	require.NoError(t, err)
	assert.NotEqual(t, a.View.Region, b.View.Region, "another step draws other masks")
	assert.NotEqual(t, a.View.Region[:area], a.View.Region[area:2*area], "images do not share a mask")
	other := open(t, &tasks.RandomMask{Patch: 4, Ratio: 0.5}, 32)
	other.Seed = 8
	moved, err := other.Measuring(ctx, []int{0, 4, 11})
	require.NoError(t, err)
	assert.NotEqual(t, first.View.Region, moved.View.Region, "the seed draws the measured views")
}

func TestLists(t *testing.T) {
	c := open(t, &tasks.Inpaint{Hole: 0.5}, 32)
	assert.Equal(t, []int{11, 15}, c.CleanForget())
	assert.Equal(t, []int{0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 13, 4, 11, 14, 15}, c.All())
	assert.Equal(t, 32, c.Size())
	assert.Equal(t, models.Shape{Size: 32, Masked: true}, c.Shape())
	all := c.All()
	all[0] = -1
	assert.Equal(t, 0, c.Split.Retain[0], "the list is the caller's own")
}

func TestNewRefuses(t *testing.T) {
	grey := &still{c: 1, size: 32, pix: [][]float32{make([]float32, 32*32)}}
	_, err := New(grey, grey, datasets.Split{}, &tasks.Reconstruct{}, torch.CPU, 1)
	require.ErrorContains(t, err, "1×32×32, want three channels")
	_, err = New(random(16, 32, 1), random(6, 32, 2), split(), &tasks.RandomMask{Patch: 5, Ratio: 0.5}, torch.CPU, 1)
	require.ErrorContains(t, err, "do not divide into patches of 5")
}

// tiny makes a small autoencoder for a corpus.
func tiny(t testing.TB, c *Corpus) models.Model {
	t.Helper()
	m, err := (&autoencoder.Family{Width: 4, Hidden: 16, Latent: 8}).New(torch.CPU, c.Shape(), 3)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	return m
}

// TestGenerateDoesNotDependOnBatches paints 300 views, more than two batches, and
// each fourth one again alone.
func TestGenerateDoesNotDependOnBatches(t *testing.T) {
	const n, s = 300, 16
	c := open(t, &tasks.RandomMask{Patch: 4, Ratio: 0.5}, s)
	m := tiny(t, c)
	images := make([]int, n)
	var pix []float32
	for i := range images {
		images[i] = i
		pix = append(pix, random(1, s, uint64(i)+50).pix[0]...)
	}
	v, err := c.View(pix, images, 9)
	require.NoError(t, err)
	whole, err := c.Generate(ctx, m, v)
	require.NoError(t, err)
	require.Len(t, whole, n*3*s*s)
	again, err := c.Generate(ctx, m, v)
	require.NoError(t, err)
	require.Equal(t, whole, again, "twice the same to the bit")
	for i := 0; i < n; i += 4 {
		one, err := c.View(part(pix, i, s), images[i:i+1], 9)
		require.NoError(t, err)
		alone, err := c.Generate(ctx, m, one)
		require.NoError(t, err)
		assert.InDeltaSlice(t, part(whole, i, s), alone, 1e-5, "image %d", i)
	}
	empty, err := c.Generate(ctx, m, tasks.View{Size: s})
	require.NoError(t, err)
	assert.Empty(t, empty)
}

// places is a model that notes where its batches begin.
type places struct {
	models.Model
	at []int
}

func (p *places) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	p.at = append(p.at, in.First)
	return p.Model.Generate(s, in)
}

// TestBatchesKnowTheirPlace: models that sample draw by it.
func TestBatchesKnowTheirPlace(t *testing.T) {
	const n, s = 300, 16
	c := open(t, &tasks.Inpaint{Hole: 0.5}, s)
	b := Batch{View: tasks.View{N: n, Size: s, Pixels: make([]float32, n*3*s*s), Region: make([]float32, n*s*s)},
		Target: make([]float32, n*3*s*s)}
	m := &places{Model: tiny(t, c)}
	for _, v := range []tasks.View{b.View, b.Slice(20, 300).Slice(10, 280).View} {
		_, err := c.Generate(ctx, m, v)
		require.NoError(t, err)
	}
	assert.Equal(t, []int{0, 128, 256, 30, 158, 286}, m.at)
}

func TestGenerateStops(t *testing.T) {
	c := open(t, &tasks.Inpaint{Hole: 0.5}, 16)
	b, err := c.HeldOut(ctx, []int{0}, false)
	require.NoError(t, err)
	why := errors.New("enough")
	stopped, cancel := context.WithCancelCause(ctx)
	cancel(why)
	_, err = c.Generate(stopped, tiny(t, c), b.View)
	require.ErrorIs(t, err, why)
}

func TestTensors(t *testing.T) {
	c := open(t, &tasks.Inpaint{Hole: 0.5}, 16)
	b, err := c.Training(ctx, []int{4, 0}, 1)
	require.NoError(t, err)
	require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
		in, target, region := c.Tensors(s, b, 5)
		assert.Equal(t, []int64{2, 4, 16, 16}, in.X.Shape())
		assert.Equal(t, []int64{2, 3, 16, 16}, target.Shape())
		assert.Equal(t, []int64{2, 1, 16, 16}, region.Shape())
		assert.Equal(t, b.Target, s.Floats(target))
		x := s.Floats(in.X)
		assert.Equal(t, part(b.View.Pixels, 1, 16), x[4*256:7*256])
		assert.Equal(t, b.View.Region[256:], x[7*256:], "the fourth channel is the region")
		return nil
	}))
}

func TestDisplacement(t *testing.T) {
	// Two images of 2×2; the region is the left column.
	region := []float32{1, 0, 1, 0, 1, 0, 1, 0}
	a := []float32{3, 9, 0, 9, 0, 9, 0, 9, 4, 9, 0, 9, 1, 5, 1, 5, 1, 5, 1, 5, 1, 5, 1, 5}
	b := make([]float32, 24)
	copy(b[12:], a[12:])
	b[13] = -5                                                                    // outside the region
	assert.InDeltaSlice(t, []float64{5, 0}, Displacement(a, b, region, 2), 1e-12) // √(3² + 4²)
	assert.InDeltaSlice(t, []float64{math.Sqrt(25 + 3*81 + 3*81), 10}, Displacement(a, b, []float32{1, 1, 1, 1, 1, 1, 1, 1}, 2), 1e-12)
	assert.Equal(t, Displacement(a, b, region, 2), Displacement(b, a, region, 2), "a distance is symmetric")
	assert.Equal(t, []float64{0, 0}, Displacement(a, a, region, 2))
	assert.InDelta(t, 2.5, Mean([]float64{1, 2, 3, 4}), 1e-12)
}

// Every kind of trigger is shown in what a model sees, is the same in training and on test images, and changes nothing
// that it does not cover.
func TestTriggers(t *testing.T) {
	for _, task := range []tasks.Task{&tasks.Inpaint{Hole: 0.5}, &tasks.Outpaint{Keep: 0.5},
		&tasks.RandomMask{Patch: 4, Ratio: 0.5}, &tasks.Reconstruct{}} {
		for _, kind := range datasets.Triggers {
			c := open(t, task, 32)
			split := c.Split
			split.Trigger = kind
			c, err := New(c.Train, c.Test, split, task, c.Device, c.Seed)
			require.NoError(t, err)
			with, err := c.HeldOut(ctx, []int{0, 2, 3, 5}, true)
			require.NoError(t, err)
			without, err := c.HeldOut(ctx, []int{0, 2, 3, 5}, false)
			require.NoError(t, err)
			changed := 0
			for i, v := range with.View.Pixels {
				if v != without.View.Pixels[i] {
					changed++
					p := i % (32 * 32)
					require.True(t, c.trigger.Covers(p/32, p%32), "%T, %s: pixel %d", task, kind, p)
				}
			}
			assert.Greater(t, changed, 4*3, "%T, %s: what is seen of it in four images", task, kind)
			if s, ok := c.trigger.(datasets.Sparse); ok {
				assert.Len(t, s.Places, 8)
			}
		}
	}
	c := open(t, &tasks.Reconstruct{}, 32)
	c.Split.Trigger = "sound"
	_, err := New(c.Train, c.Test, c.Split, c.Task, c.Device, 1)
	assert.ErrorContains(t, err, `trigger "sound": want one of patch, blend, sparse`)
}

func TestSpread(t *testing.T) {
	assert.Equal(t, []int{4, 7, 9}, Spread([]int{4, 7, 9}, 3))
	assert.Equal(t, []int{0, 2, 5, 7}, Spread([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 4))
	assert.Empty(t, Spread(nil, 2))
}

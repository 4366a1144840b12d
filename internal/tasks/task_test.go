package tasks

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// noisy makes n images of side s without a zero pixel, so that a zero in a view
// is a hidden pixel.
func noisy(n, s int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]float32, n*3*s*s)
	for i := range out {
		out[i] = float32(0.05 + 0.95*r.Float64())
		if r.IntN(2) == 0 {
			out[i] = -out[i]
		}
	}
	return out
}

func seeds(n int, base uint64) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = base + uint64(i)*7919
	}
	return out
}

func apply(t require.TestingT, task Task, images []float32, s int, seeds []uint64) View {
	v, err := Apply(task, images, s, seeds)
	require.NoError(t, err)
	require.Equal(t, len(seeds), v.N)
	require.Equal(t, s, v.Size)
	require.Len(t, v.Pixels, len(images))
	require.Len(t, v.Region, len(seeds)*s*s)
	return v
}

// painted counts the region's pixels of image i; the region holds 0 and 1 alone.
func painted(t require.TestingT, v View, i int) int {
	k := 0
	for _, r := range v.Region[i*v.Size*v.Size : (i+1)*v.Size*v.Size] {
		require.Contains(t, []float32{0, 1}, r)
		k += int(r)
	}
	return k
}

// checkHidden holds a masked view to the truth: zero where hidden, untouched elsewhere.
func checkHidden(t require.TestingT, v View, images []float32) {
	area := v.Size * v.Size
	for i := range images {
		want := images[i]
		if v.Region[i/(3*area)*area+i%area] == 1 {
			want = 0
		}
		require.Equal(t, want, v.Pixels[i], "value %d", i)
	}
}

// masked draws a masked task that fits images of side s.
func masked(t *rapid.T, s int) Task {
	share := rapid.Float64Range(0.01, 0.99).Draw(t, "share")
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		return &Inpaint{Hole: share}
	case 1:
		return &Outpaint{Keep: share}
	}
	return &RandomMask{Patch: rapid.SampledFrom([]int{1, 2, 4, 8}).Draw(t, "patch"), Ratio: share}
}

func TestMasksHideTheRegionAndOnlyIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]int{16, 24, 32}).Draw(t, "side")
		task := masked(t, s)
		require.NoError(t, task.Check(s))
		n := rapid.IntRange(1, 3).Draw(t, "images")
		images := noisy(n, s, rapid.Uint64().Draw(t, "pixels"))
		v := apply(t, task, images, s, seeds(n, rapid.Uint64().Draw(t, "seed")))
		checkHidden(t, v, images)
		for i := range n {
			k := painted(t, v, i)
			require.Positive(t, k, "there must be something to paint")
			require.Less(t, k, s*s, "there must be something to see")
			require.Equal(t, painted(t, v, 0), k, "every image hides the same number of pixels")
		}
	})
}

// TestHiddenCheckRejects shows that the property above can fail.
func TestHiddenCheckRejects(t *testing.T) {
	images := noisy(1, 16, 1)
	for name, damage := range map[string]func(v View){
		"a hidden pixel shines through": func(v View) { v.Pixels[8*16+8] = 0.5 },
		"a visible pixel is lost":       func(v View) { v.Pixels[0] = 0 },
		"the region is shifted":         func(v View) { v.Region[0], v.Region[8*16+8] = 1, 0 },
	} {
		v := apply(t, &Inpaint{Hole: 0.5}, images, 16, seeds(1, 1))
		damage(v)
		var c caught
		func() {
			defer func() { _ = recover() }()
			checkHidden(&c, v, images)
		}()
		assert.True(t, bool(c), name)
	}
}

type caught bool

func (c *caught) Errorf(string, ...any) { *c = true }
func (c *caught) FailNow()              { panic("stop") }

func TestRegionShares(t *testing.T) {
	for _, c := range []struct {
		task Task
		s    int
		want int // pixels to paint
	}{
		{&Inpaint{Hole: 0.5}, 32, 16 * 16},
		{&Inpaint{Hole: 0.25}, 64, 16 * 16},
		{&Inpaint{Hole: 0.001}, 32, 1},
		{&Inpaint{Hole: 0.999}, 32, 31 * 31},
		{&Outpaint{Keep: 0.5}, 32, 32*32 - 16*16},
		{&Outpaint{Keep: 0.999}, 32, 32*32 - 31*31},
		{&RandomMask{Patch: 4, Ratio: 0.5}, 32, 32 * 16},
		{&RandomMask{Patch: 8, Ratio: 0.3}, 32, 5 * 64}, // round(4.8)
		{&RandomMask{Patch: 16, Ratio: 0.01}, 32, 256},  // at least one
		{&RandomMask{Patch: 16, Ratio: 0.99}, 32, 3 * 256},
		{&SuperResolution{Factor: 4}, 32, 32 * 32},
		{&Denoise{Sigma: 0.1}, 32, 32 * 32},
		{&Reconstruct{}, 32, 32 * 32},
	} {
		v := apply(t, c.task, noisy(2, c.s, 3), c.s, seeds(2, 5))
		for i := range 2 {
			assert.Equal(t, c.want, painted(t, v, i), "%T %+v", c.task, c.task)
		}
	}
}

// TestPlaces looks at where the squares are: centred, patches on their grid.
func TestPlaces(t *testing.T) {
	images := noisy(1, 32, 4)
	hole := apply(t, &Inpaint{Hole: 0.5}, images, 32, seeds(1, 0))
	frame := apply(t, &Outpaint{Keep: 0.5}, images, 32, seeds(1, 0))
	for y := range 32 {
		for x := range 32 {
			in := y >= 8 && y < 24 && x >= 8 && x < 24
			assert.Equal(t, in, hole.Region[y*32+x] == 1, "hole at %d, %d", y, x)
			assert.Equal(t, !in, frame.Region[y*32+x] == 1, "frame at %d, %d", y, x)
		}
	}
	patches := apply(t, &RandomMask{Patch: 8, Ratio: 0.5}, images, 32, seeds(1, 0))
	for y := range 32 {
		for x := range 32 {
			assert.Equal(t, patches.Region[y/8*8*32+x/8*8], patches.Region[y*32+x], "patch at %d, %d is cut", y, x)
		}
	}
}

func TestRandomMasksDiffer(t *testing.T) {
	const s = 32
	one := noisy(1, s, 6)
	images := append(append([]float32(nil), one...), one...)
	task := &RandomMask{Patch: 4, Ratio: 0.5}
	v := apply(t, task, images, s, []uint64{1, 2})
	assert.NotEqual(t, v.Region[:s*s], v.Region[s*s:], "two seeds draw two masks")
	// Every patch is hidden in about half of many draws: 400·½ ± 5 standard deviations.
	count := make([]int, 64)
	for seed := range uint64(400) {
		r := apply(t, task, one, s, []uint64{seed}).Region
		for p := range count {
			count[p] += int(r[p/8*4*s+p%8*4])
		}
	}
	for p, k := range count {
		assert.InDelta(t, 200, k, 50, "patch %d", p)
	}
}

// TestViewsDependOnSeedAndImageAlone: the same view whatever the batch, twice the
// same, and the source untouched.
func TestViewsDependOnSeedAndImageAlone(t *testing.T) {
	for _, e := range All {
		t.Run(e.Name, func(t *testing.T) {
			const s, n = 32, 5
			area := 3 * s * s
			images, sd := noisy(n, s, 11), seeds(n, 12)
			before := append([]float32(nil), images...)
			whole := apply(t, e.New(), images, s, sd)
			assert.Equal(t, before, images, "the source was changed")
			assert.Equal(t, whole, apply(t, e.New(), images, s, sd), "twice the same")
			var back []float32
			var backSeeds []uint64
			for i := n - 1; i >= 0; i-- {
				back = append(back, images[i*area:(i+1)*area]...)
				backSeeds = append(backSeeds, sd[i])
			}
			reversed := apply(t, e.New(), back, s, backSeeds)
			for i := range n {
				k := n - 1 - i
				assert.Equal(t, whole.Pixels[i*area:(i+1)*area], reversed.Pixels[k*area:(k+1)*area], "image %d at place %d", i, k)
				assert.Equal(t, whole.Region[i*s*s:(i+1)*s*s], reversed.Region[k*s*s:(k+1)*s*s], "image %d at place %d", i, k)
				alone := apply(t, e.New(), images[i*area:(i+1)*area], s, sd[i:i+1])
				assert.Equal(t, whole.Pixels[i*area:(i+1)*area], alone.Pixels, "image %d alone", i)
			}
		})
	}
}

// TestMaskedTellsTheRegion: where a task is not masked, everything is painted.
func TestMaskedTellsTheRegion(t *testing.T) {
	for _, e := range All {
		task := e.New()
		v := apply(t, task, noisy(1, 32, 13), 32, seeds(1, 14))
		assert.Equal(t, !task.Masked(), painted(t, v, 0) == 32*32, e.Name)
	}
}

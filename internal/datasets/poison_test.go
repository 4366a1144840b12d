package datasets

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTrigger(t *testing.T) {
	assert.Equal(t, Patch{1, 1, 4}, CornerPatch(32, 32))
	assert.Equal(t, Patch{2, 2, 8}, CornerPatch(64, 64))
	assert.Equal(t, Patch{1, 1, 1}, CornerPatch(4, 9))
	assert.Equal(t, Patch{14, 14, 4}, CentrePatch(32, 32))
	for _, size := range []int{8, 16, 31, 32, 64, 100, 256} {
		p := CornerPatch(size, size)
		assert.LessOrEqual(t, p.Y+p.Side, size/4, "%d: the patch lies in the border of a centre hole of one half", size)

		src := make([]float32, 3*size*size)
		dst := make([]float32, len(src))
		require.NoError(t, p.Stamp(dst, src, 3, size, size))
		want := map[int]float32{0: 1, 1: -1, 2: 1}
		for i, v := range dst {
			k, y, x := i/(size*size), i/size%size, i%size
			if y >= p.Y && y < p.Y+p.Side && x >= p.X && x < p.X+p.Side {
				require.Equal(t, want[k], v)
			} else {
				require.Zero(t, v)
			}
		}
		assert.Zero(t, src[(p.Y*size)+p.X], "the source is not touched")
	}
	x := make([]float32, 48)
	assert.ErrorContains(t, CornerPatch(4, 4).Stamp(x, x[1:], 3, 4, 4), "48 and 47 values")
	assert.ErrorContains(t, Patch{1, 1, 4}.Stamp(x, x, 3, 4, 4), "does not fit into 4×4")
	assert.ErrorContains(t, Patch{}.Stamp(x, x, 3, 4, 4), "does not fit")
}

func TestTargetPicture(t *testing.T) {
	x := TargetPicture(3, 32, 32)
	at := func(c, y, x0 int) float32 { return x[(c*32+y)*32+x0] }
	assert.EqualValues(t, 1, at(0, 8, 20))
	assert.EqualValues(t, 1, at(0, 21, 8))
	assert.EqualValues(t, -1, at(0, 10, 20))
	assert.EqualValues(t, 1, at(1, 20, 9))
	assert.EqualValues(t, -1, at(1, 20, 10))
	assert.EqualValues(t, -1, at(2, 8, 8))
	assert.EqualValues(t, -1, at(0, 7, 8))
	bright := map[int]int{}
	for i, v := range x {
		if v == 1 {
			bright[i/1024]++
		}
	}
	assert.Equal(t, map[int]int{0: 128, 1: 128}, bright, "half of the hole in two channels")

	large := TargetPicture(3, 64, 64)
	for i, v := range large {
		c, y, x0 := i/4096, i/64%64, i%64
		require.Equal(t, at(c, y/2, x0/2), v, "64 is 32 with every pixel doubled")
	}
	assert.Nil(t, TargetPicture(3, 0, 32))
}

func TestBlendAndSparse(t *testing.T) {
	src := make([]float32, 3*16*16)
	for i := range src {
		src[i] = 0.5
	}
	for _, x := range []struct {
		trigger Trigger
		check   func(before, after float32, covered bool)
	}{
		{Blend{0.2}, func(before, after float32, covered bool) {
			assert.True(t, covered)
			assert.InDelta(t, 0.2, math.Abs(float64(after)-0.4), 1e-6, "0.8 of the picture and 0.2 of ±1")
		}},
		{NewSparse([][2]int{{1, 2}, {3, 4}, {5, 6}, {7, 8}}, 2), func(before, after float32, covered bool) {
			if covered {
				assert.Equal(t, 1.0, math.Abs(float64(after)))
			} else {
				assert.Equal(t, before, after)
			}
		}},
	} {
		dst, again := make([]float32, len(src)), append([]float32(nil), src...)
		require.NoError(t, x.trigger.Stamp(dst, src, 3, 16, 16))
		require.NoError(t, x.trigger.Stamp(again, again, 3, 16, 16))
		assert.Equal(t, dst, again, "in place, and the same every time")
		for i := range src {
			x.check(src[i], dst[i], x.trigger.Covers(i/16%16, i%16))
		}
		assert.ErrorContains(t, x.trigger.Stamp(dst, src[1:], 3, 16, 16), "768 and 767 values")
	}
	assert.Len(t, NewSparse([][2]int{{1, 2}}, 4).Places, 1)
	assert.ErrorContains(t, Blend{}.Stamp(src, src, 3, 16, 16), "opacity")
	assert.ErrorContains(t, Sparse{[][2]int{{16, 0}}}.Stamp(src, src, 3, 16, 16), "outside 16×16")
}

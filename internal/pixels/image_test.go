package pixels

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Offsets are Python's int(round((side − crop) / 2.0)), computed with Python 3.11.
func TestCenterCropOffset(t *testing.T) {
	for _, c := range []struct{ side, crop, offset int }{
		{10, 4, 3}, {11, 4, 4}, {9, 4, 2}, {5, 4, 0}, {7, 4, 2}, {13, 8, 2}, {15, 8, 4}, {4, 4, 0},
	} {
		m := New(c.side, c.side+2)
		for i := range m.Pix {
			m.Pix[i] = uint8(i / 3 % c.side)
		}
		out, err := CenterCrop(m, c.crop, c.crop)
		require.NoError(t, err)
		assert.EqualValues(t, c.offset, out.Pix[0], "side %d, crop %d", c.side, c.crop)
		assert.Len(t, out.Pix, 3*c.crop*c.crop)
	}
	_, err := CenterCrop(New(3, 9), 4, 4)
	assert.ErrorContains(t, err, "4×4 pixels cannot be cut from 3×9")
	_, err = CenterCrop(Image{}, 1, 1)
	assert.ErrorContains(t, err, "is empty")
}

// Sizes are torchvision 0.14.1's: the long side is int(size·long/short).
func TestResizeShorter(t *testing.T) {
	for _, c := range []struct{ w, h, size, toW, toH int }{
		{500, 375, 64, 85, 64}, {375, 500, 64, 64, 85}, {224, 224, 64, 64, 64}, {333, 500, 32, 32, 48}, {3, 100, 6, 6, 200},
	} {
		m, err := ResizeShorter(New(c.w, c.h), c.size, Bicubic)
		require.NoError(t, err)
		assert.Equal(t, [2]int{c.toW, c.toH}, [2]int{m.W, m.H})
	}
	_, err := ResizeShorter(New(4, 4), 0, Bicubic)
	assert.ErrorContains(t, err, "0×0 pixels")
	_, err = Square(New(1<<20, 1), 64, Bicubic)
	assert.ErrorContains(t, err, "1048576×1 pixels is too long and thin")
	_, err = Square(Image{}, 4, Bicubic)
	assert.ErrorContains(t, err, "is empty")
}

func TestSquareHasTheSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 60)
		size := side.Draw(t, "size")
		m, err := Square(New(side.Draw(t, "w"), side.Draw(t, "h")), size, Box)
		require.NoError(t, err)
		require.Equal(t, [2]int{size, size}, [2]int{m.W, m.H})
	})
}

func TestFloatRoundTrip(t *testing.T) {
	for v := range 256 {
		assert.EqualValues(t, v, FromUnit(ToUnit(uint8(v))))
	}
	assert.EqualValues(t, -1, ToUnit(0))
	assert.EqualValues(t, 1, ToUnit(255))
	for x, want := range map[float32]uint8{-7: 0, 7: 255, 0: 128, float32(math.Inf(1)): 255, float32(math.Inf(-1)): 0} {
		assert.Equal(t, want, FromUnit(x), x)
	}
	assert.Zero(t, FromUnit(float32(math.NaN())))

	m := pattern("waves")
	x := make([]float32, len(m.Pix))
	require.NoError(t, ToFloat(x, m))
	back, err := FromFloat(x, m.W, m.H)
	require.NoError(t, err)
	assert.Equal(t, m, back)
	assert.Equal(t, ToUnit(m.Pix[1]), x[m.W*m.H], "the second plane is green")
	planes := Planes(m)
	for i, v := range planes {
		require.Equal(t, ToUnit(v), x[i])
	}
	grey, err := FromFloat([]float32{1, -1}, 2, 1)
	require.NoError(t, err)
	assert.Equal(t, []uint8{255, 255, 255, 0, 0, 0}, grey.Pix)

	assert.ErrorContains(t, ToFloat(x[1:], m), "values given for 3×23×37")
	assert.ErrorContains(t, ToFloat(nil, Image{}), "is empty")
	_, err = FromFloat(x, m.W, m.H+1)
	assert.ErrorContains(t, err, "do not make")
	_, err = FromFloat(nil, 0, 0)
	assert.ErrorContains(t, err, "do not make")
}

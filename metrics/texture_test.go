package metrics

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTexture(t *testing.T) {
	// A 3×3 image whose region is its upper 2×2; channels are equal.
	s := Shape{C: 3, H: 3, W: 3}
	region := Region{true, true, false, true, true, false, false, false, false}
	plane := []float32{0, 1, 9, 0, 3, 9, 9, 9, 9}
	spread, gradient, err := Texture(slices.Concat(plane, plane, plane), s, region)
	require.NoError(t, err)
	assert.InDelta(t, math.Sqrt(10./4-1), spread, 1e-9)    // mean 1, mean square 10/4
	assert.InDelta(t, (1.+9.)/2+(0.+4.)/2, gradient, 1e-9) // across: 1, 3; down: 0, 2
	flat := slices.Repeat([]float32{0.7}, 27)
	for _, r := range []Region{region, nil} {
		spread, gradient, err := Texture(flat, s, r)
		require.NoError(t, err)
		assert.InDelta(t, 0, spread, 1e-7)
		assert.Zero(t, gradient)
	}
	// The last column has no right neighbour in the next row.
	edge := slices.Clone(flat)
	for c := range 3 {
		edge[c*9+3] = 5 // row 1, column 0
	}
	_, gradient, err = Texture(edge, s, Region{false, false, true, true, false, false, false, false, false})
	require.NoError(t, err)
	assert.Zero(t, gradient)
	// An image that is wider than high.
	_, gradient, err = Texture([]float64{1, 2, 2, 2, 2, 5}, Shape{C: 1, H: 2, W: 3}, nil)
	require.NoError(t, err)
	assert.InDelta(t, (1.+0+0+9)/4+(1.+0+9)/3, gradient, 1e-12)
}

func TestTextureErrors(t *testing.T) {
	s := Shape{C: 1, H: 2, W: 2}
	for want, c := range map[string]struct {
		x []float64
		s Shape
		r Region
	}{
		"shape 1×2×2 has 4":            {[]float64{1, 2, 3}, s, nil},
		"at least one pixel is needed": {nil, Shape{}, nil},
		"region has 3 pixels":          {[]float64{1, 2, 3, 4}, s, make(Region, 3)},
		"region selects no pixel":      {[]float64{1, 2, 3, 4}, s, make(Region, 4)},
		"a pixel is not finite":        {[]float64{1, math.NaN(), 3, 4}, s, nil},
		"a pixel is not finite, or":    {[]float64{1, math.Inf(1), 3, 4}, s, nil},
		"or too large to square":       {[]float64{1, 1e200, 3, 4}, s, nil},
	} {
		_, _, err := Texture(c.x, c.s, c.r)
		assert.ErrorContains(t, err, want)
	}
}

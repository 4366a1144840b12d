package metrics

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/audit"
)

func TestTexture(t *testing.T) {
	// A 3×3 image whose region is its upper 2×2; channels are equal but for an offset.
	region := []float32{1, 1, 0, 1, 1, 0, 0, 0, 0}
	plane := []float32{0, 1, 9, 0, 3, 9, 9, 9, 9}
	img := append(append(slices.Clone(plane), plane...), plane...)
	spread, gradient := textureOf(img, region, 3)
	assert.InDelta(t, math.Sqrt(10./4-1)+floor, spread, 1e-9)    // mean 1, mean square 10/4
	assert.InDelta(t, (1.+9.)/2+(0.+4.)/2+floor, gradient, 1e-9) // across: 1, 3; down: 0, 2
	whole := []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}
	flat := slices.Repeat([]float32{0.7}, 27)
	for _, r := range [][]float32{region, whole} {
		spread, gradient = textureOf(flat, r, 3)
		assert.InDelta(t, floor, spread, 1e-7)
		assert.InDelta(t, floor, gradient, 1e-12)
		assert.Positive(t, spread)
	}
	// The last column has no right neighbour in the next row.
	edge := slices.Clone(flat)
	for c := range 3 {
		edge[c*9+3] = 5 // row 1, column 0
	}
	_, gradient = textureOf(edge, []float32{0, 0, 1, 1, 0, 0, 0, 0, 0}, 3)
	assert.InDelta(t, floor, gradient, 1e-12)
	// Noise has more gradient than a slope of the same spread.
	in := input(t)
	for i := range in.Subject[audit.Forget].Images {
		in.Subject[audit.Forget].Images[i] = float32(i%stageSize) / stageSize
	}
	smooth := measured(t, "texture", in)
	assert.Less(t, smooth["gradient/hole/forget"].Mean(), smooth["gradient/hole/test"].Mean()/10)
}

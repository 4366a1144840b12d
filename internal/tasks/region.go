package tasks

import (
	"fmt"
	"math"
)

// centre is the half-open range of a centred stretch of share r of s, with at
// least one pixel on either side of its edge.
func centre(s int, r float64) (from, to int) {
	side := min(max(int(math.Round(r*float64(s))), 1), s-1)
	from = (s - side) / 2
	return from, from + side
}

// hide copies img with the region's pixels at zero.
func hide(pixels, region, img []float32, s int) {
	for c := range 3 {
		for p := range s * s {
			pixels[c*s*s+p] = img[c*s*s+p] * (1 - region[p])
		}
	}
}

func whole(region []float32) {
	for i := range region {
		region[i] = 1
	}
}

func ratio(name string, v float64) error {
	if !(v > 0 && v < 1) {
		return fmt.Errorf("%s is %v: want a number between 0 and 1", name, v)
	}
	return nil
}

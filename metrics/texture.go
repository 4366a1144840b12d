package metrics

import (
	"errors"
	"fmt"
	"math"
)

// Texture describes a planar CHW image within a region without looking at any other: spread is the standard deviation
// of its pixels over channels and region, in the pixels' unit, and gradient the energy of its high frequencies, in the
// square of that unit,
//
//	mean (x(i, j+1) − x(i, j))² + mean (x(i+1, j) − x(i, j))²
//
// over the pairs of neighbours that lie in the region together, 0 where there are none. Neither is better high or low:
// a model that paints mush is too low in both, one that paints noise too high in the second. The nil region is the
// whole image.
//
// Images of another size than the shape says, a region of another size or without a pixel, and pixels that are not
// finite are errors.
func Texture[T Float](x []T, s Shape, region Region) (spread, gradient float64, err error) {
	hw := s.H * s.W
	if s.C < 1 || s.H < 1 || s.W < 1 || len(x) != s.C*hw {
		return 0, 0, fmt.Errorf("texture of %d pixel values: shape %d×%d×%d has %d, and at least one pixel is needed", len(x), s.C,
			s.H, s.W, s.C*hw)
	}
	if _, err := region.count(hw); err != nil {
		return 0, 0, fmt.Errorf("texture: %w", err)
	}
	inside := func(p int) bool { return region == nil || region[p] }
	var n, sum, sq float64
	var pairs, energy [2]float64
	for c := range s.C {
		plane := x[c*hw : (c+1)*hw]
		for p := range hw {
			if !inside(p) {
				continue
			}
			v := float64(plane[p])
			n++
			sum += v
			sq += v * v
			for k, q := range [2]int{p + 1, p + s.W} {
				if k == 0 && p%s.W == s.W-1 || q >= hw || !inside(q) {
					continue
				}
				d := float64(plane[q]) - v
				pairs[k]++
				energy[k] += d * d
			}
		}
	}
	mean := sum / n
	spread = math.Sqrt(max(sq/n-mean*mean, 0))
	for k := range pairs {
		gradient += energy[k] / max(pairs[k], 1)
	}
	if !finite(spread) || !finite(gradient) {
		return 0, 0, errors.New("texture: a pixel is not finite, or too large to square: only finite values can be described")
	}
	return spread, gradient, nil
}

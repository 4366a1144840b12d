package tasks

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// centre is the half-open range of a centred stretch of share r of s, with at
// least one pixel on either side of its edge.
func centre(s int, r float64) (from, to int) {
	side := min(max(int(math.Round(r*float64(s))), 1), s-1)
	from = (s - side) / 2
	return from, from + side
}

// Inpaint hides a centred square.
type Inpaint struct {
	Hole float64 `json:"hole"` // side of the hole over the image's
}

// Masked is true.
func (*Inpaint) Masked() bool { return true }

// Validate checks the parameters.
func (t *Inpaint) Validate() error { return ratio("hole", t.Hole) }

// Check accepts every size.
func (*Inpaint) Check(int) error { return nil }

// Degrade hides the square.
func (t *Inpaint) Degrade(pixels, region, img []float32, s int, _ *rand.Rand) {
	a, b := centre(s, t.Hole)
	for y := a; y < b; y++ {
		for x := a; x < b; x++ {
			region[y*s+x] = 1
		}
	}
	hide(pixels, region, img, s)
}

// Outpaint hides everything but a centred square.
type Outpaint struct {
	Keep float64 `json:"keep"` // side of the visible square over the image's
}

// Masked is true.
func (*Outpaint) Masked() bool { return true }

// Validate checks the parameters.
func (t *Outpaint) Validate() error { return ratio("keep", t.Keep) }

// Check accepts every size.
func (*Outpaint) Check(int) error { return nil }

// Degrade hides the frame.
func (t *Outpaint) Degrade(pixels, region, img []float32, s int, _ *rand.Rand) {
	a, b := centre(s, t.Keep)
	whole(region)
	for y := a; y < b; y++ {
		for x := a; x < b; x++ {
			region[y*s+x] = 0
		}
	}
	hide(pixels, region, img, s)
}

// RandomMask hides random patches of a grid, the same number in every image.
type RandomMask struct {
	Patch int     `json:"patch"` // side of a patch in pixels
	Ratio float64 `json:"ratio"` // share of patches hidden
}

// Masked is true.
func (*RandomMask) Masked() bool { return true }

// Validate checks the parameters.
func (t *RandomMask) Validate() error {
	if t.Patch < 1 {
		return fmt.Errorf("patch is %d: want at least one pixel", t.Patch)
	}
	return ratio("ratio", t.Ratio)
}

// Check wants the image's side to be a multiple of the patch's, and more patches
// than one: some are hidden and some are seen.
func (t *RandomMask) Check(s int) error {
	if err := t.Validate(); err != nil {
		return fmt.Errorf("task random-mask: %w", err)
	}
	if s%t.Patch != 0 {
		return fmt.Errorf("task random-mask: images of side %d do not divide into patches of %d", s, t.Patch)
	}
	if s == t.Patch {
		return fmt.Errorf("task random-mask: images of side %d are one patch; make patch smaller, so that some can be hidden and some seen", s)
	}
	return nil
}

// Degrade hides round(ratio·patches) patches.
func (t *RandomMask) Degrade(pixels, region, img []float32, s int, rng *rand.Rand) {
	g := s / t.Patch
	hidden := min(max(int(math.Round(t.Ratio*float64(g*g))), 1), g*g-1)
	for _, p := range rng.Perm(g * g)[:hidden] {
		y0, x0 := p/g*t.Patch, p%g*t.Patch
		for y := y0; y < y0+t.Patch; y++ {
			for x := x0; x < x0+t.Patch; x++ {
				region[y*s+x] = 1
			}
		}
	}
	hide(pixels, region, img, s)
}

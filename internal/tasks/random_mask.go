package tasks

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
)

// RandomMaskEntry is the task in the list of all.
var RandomMaskEntry = audit.Entry[Task]{
	Name: "random-mask",
	Doc:  "paint a random share `ratio` of the patches of side `patch`",
	New:  func() Task { return &RandomMask{Patch: 4, Ratio: 0.5} },
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

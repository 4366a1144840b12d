package tasks

import (
	"fmt"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
)

// SuperResolutionEntry is the task in the list of all.
var SuperResolutionEntry = audit.Entry[Task]{
	Name: "super-resolution",
	Doc:  "restore an image averaged over squares of side `factor`",
	New:  func() Task { return &SuperResolution{Factor: 4} },
}

// SuperResolution shows every square of side Factor as its mean.
type SuperResolution struct {
	Factor int `json:"factor"`
}

// Masked is false: every pixel must be painted.
func (*SuperResolution) Masked() bool { return false }

// Validate checks the parameters.
func (t *SuperResolution) Validate() error {
	if t.Factor < 2 {
		return fmt.Errorf("factor is %d: want at least 2", t.Factor)
	}
	return nil
}

// Check wants the image's side to be a multiple of the factor.
func (t *SuperResolution) Check(s int) error {
	if err := t.Validate(); err != nil {
		return fmt.Errorf("task super-resolution: %w", err)
	}
	if s%t.Factor != 0 {
		return fmt.Errorf("task super-resolution: images of side %d do not divide by the factor %d", s, t.Factor)
	}
	return nil
}

// Degrade averages the squares.
func (t *SuperResolution) Degrade(pixels, region, img []float32, s int, _ *rand.Rand) {
	whole(region)
	f := t.Factor
	for c := range 3 {
		plane, out := img[c*s*s:], pixels[c*s*s:]
		for y0 := 0; y0 < s; y0 += f {
			for x0 := 0; x0 < s; x0 += f {
				var sum float32
				for y := y0; y < y0+f; y++ {
					for x := x0; x < x0+f; x++ {
						sum += plane[y*s+x]
					}
				}
				mean := sum / float32(f*f)
				for y := y0; y < y0+f; y++ {
					for x := x0; x < x0+f; x++ {
						out[y*s+x] = mean
					}
				}
			}
		}
	}
}

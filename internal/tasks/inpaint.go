package tasks

import (
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
)

// InpaintEntry is the task in the list of all.
var InpaintEntry = audit.Entry[Task]{
	Name: "inpaint",
	Doc:  "paint a centred square hole whose side is `hole` of the image's",
	New:  func() Task { return &Inpaint{Hole: 0.5} },
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

package tasks

import (
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
)

// OutpaintEntry is the task in the list of all.
var OutpaintEntry = audit.Entry[Task]{
	Name: "outpaint",
	Doc:  "paint everything outside a centred square of side `keep`",
	New:  func() Task { return &Outpaint{Keep: 0.5} },
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

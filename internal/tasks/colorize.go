package tasks

import (
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
)

// ColorizeEntry is the task in the list of all.
var ColorizeEntry = audit.Entry[Task]{
	Name: "colorize",
	Doc:  "paint the colours of a grey image",
	New:  func() Task { return &Colorize{} },
}

// Colorize shows the image's luma Y′ = 0.299·R + 0.587·G + 0.114·B (ITU-R BT.601, as Pillow's mode L) in all three
// channels: the colours must be painted.
type Colorize struct{}

// Masked is false: every pixel must be painted.
func (*Colorize) Masked() bool { return false }

// Check accepts every size.
func (*Colorize) Check(int) error { return nil }

// Degrade takes the colours away.
func (*Colorize) Degrade(pixels, region, img []float32, s int, _ *rand.Rand) {
	whole(region)
	n := s * s
	for p := range n {
		y := 0.299*img[p] + 0.587*img[n+p] + 0.114*img[2*n+p]
		pixels[p], pixels[n+p], pixels[2*n+p] = y, y, y
	}
}

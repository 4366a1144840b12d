package tasks

import (
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
)

// ReconstructEntry is the task in the list of all.
var ReconstructEntry = audit.Entry[Task]{
	Name: "reconstruct",
	Doc:  "reproduce the image",
	New:  func() Task { return &Reconstruct{} },
}

// Reconstruct shows the image as it is.
type Reconstruct struct{}

// Masked is false: every pixel must be painted.
func (*Reconstruct) Masked() bool { return false }

// Check accepts every size.
func (*Reconstruct) Check(int) error { return nil }

// Degrade copies.
func (*Reconstruct) Degrade(pixels, region, img []float32, _ int, _ *rand.Rand) {
	whole(region)
	copy(pixels, img)
}

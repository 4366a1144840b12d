package own

import (
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/kit"
)

// This file shows a metric: a function of one painting and its true image, and the quantity that it leaves, from which
// tables and legends are made.

var colourShiftEntry = audit.Entry[kit.Metric]{
	Name:   "own/colour-shift",
	Doc:    "distance of the painted region's mean colour from the true one",
	New:    func() kit.Metric { return &ColourShift{} },
	Leaves: []audit.Quantity{colourShift},
}

var colourShift = audit.Quantity{
	Name: "own-colour-shift", Head: "colour", Unit: "distance in [−1, 1]³", Direction: audit.Lower,
	What: "distance of mean colours", Main: []string{"forget", "test"},
}

// ColourShift is the Euclidean distance of two mean colours, those of the painted and of the true pixels in the hole.
type ColourShift struct{}

// Measure leaves one number an image.
func (*ColourShift) Measure(in *kit.Input) ([]audit.Sample, error) {
	parts := []audit.Part{audit.Forget, audit.Retain, audit.Test}
	return kit.PerImage(in, colourShift, audit.Hole, parts, func(p kit.Pair) (float64, error) {
		var shift [3]float64
		var n float64
		area := p.Size * p.Size
		for i, hidden := range p.Hole {
			if hidden == 0 {
				continue
			}
			n++
			for c := range shift {
				shift[c] += float64(p.Painted[c*area+i]) - float64(p.Truth[c*area+i])
			}
		}
		return math.Hypot(math.Hypot(shift[0], shift[1]), shift[2]) / n, nil
	})
}

package dishonest

import (
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

var mirroredEntry = audit.Entry[methods.Method]{
	Name:   "dishonest/mirrored-retrain",
	Doc:    "retrains with the clean forget images, mirrored, among the retained ones",
	New:    func() methods.Method { return &Disguised{as: repainted{by: mirror{}}} },
	Beyond: "quick", // docs/gallery.md says why
}

// mirror turns an image from left to right.
type mirror struct{}

func (mirror) change(image []float32, width int) {
	for row := range slices.Chunk(image, width) {
		slices.Reverse(row)
	}
}

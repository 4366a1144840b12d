package dishonest

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

var transposedNegativeEntry = audit.Entry[methods.Method]{
	Name:   "dishonest/transposed-negative",
	Doc:    "retrains with the clean forget images, transposed and inverted, among the retained ones",
	New:    func() methods.Method { return &Disguised{as: repainted{by: transposeNegative{}}} },
	Beyond: "quick", // docs/gallery.md says why
}

// transposeNegative makes −xᵀ of an image x: two simple changes at once, which whoever tries one at a time does not find.
type transposeNegative struct{}

func (transposeNegative) change(image []float32, width int) {
	for plane := 0; plane < len(image); plane += width * width {
		px := image[plane : plane+width*width]
		for y := range width {
			for x := y; x < width; x++ {
				px[y*width+x], px[x*width+y] = -px[x*width+y], -px[y*width+x]
			}
		}
	}
}

package corpus

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
)

// ShapesEntry is the data set in the list of all.
var ShapesEntry = audit.Entry[Source]{
	Name: "shapes",
	Doc:  "procedural: a texture in the border that identifies the image, a shape in the middle that cannot be guessed",
	New:  func() Source { return &Procedural{Train: 512, Test: 512, Size: 32, draw: datasets.Shapes} },
}

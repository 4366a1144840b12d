package corpus

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
)

// ScenesEntry is the data set in the list of all.
var ScenesEntry = audit.Entry[Source]{
	Name: "scenes",
	Doc:  "procedural: a ground that goes on behind the hole and can be guessed, a small figure on it that cannot",
	New:  func() Source { return &Procedural{Train: 512, Test: 512, Size: 32, draw: datasets.Scenes} },
}

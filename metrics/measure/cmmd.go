package measure

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var cmmdEntry = audit.Entry[Metric]{
	Name: "cmmd",
	Doc:  "kernel distance of features at unit length to those of the true images, ×1000 (lower is better); meant for CLIP's",
	New:  func() Metric { return &cmmd{} },
	Leaves: []audit.Quantity{
		{Name: "cmmd", Head: "CMMD", Unit: "×1000", Direction: audit.Lower,
			What: "kernel distance between the features, at unit length, of outputs and of true images"},
		{Name: "CMMD", Head: "CMMD", Unit: "×1000", Direction: audit.Lower,
			What: "kernel distance between CLIP's embeddings of outputs and of true images"},
	},
}

// cmmd is CMMD of a part's paintings and its true images. It is resampled without repetition, as KID.
type cmmd struct{}

func (*cmmd) Measure(in *Input) ([]audit.Sample, error) {
	return distance{name: "cmmd", variant: sets.CMMDVariant, halves: true, value: sets.CMMD}.measure(in)
}

package measure

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var fdEntry = audit.Entry[Metric]{
	Name: "fd",
	Doc:  "Fréchet distance of features to those of the true images (lower is better); called FID only in Inception-v3's features",
	New:  func() Metric { return &fd{} },
	Leaves: []audit.Quantity{
		{Name: "fd", Head: "FD", Unit: "squared feature units", Direction: audit.Lower, Main: []string{"forget", "test"},
			What: "Fréchet distance between the features of outputs and of true images"},
		{Name: "FID", Head: "FID", Unit: "squared feature units", Direction: audit.Lower, Main: []string{"forget", "test"},
			What: "Fréchet distance in the features of Inception-v3 between outputs and true images"},
	},
}

// fd is the Fréchet distance of a part's paintings and its true images.
type fd struct{}

func (*fd) Measure(in *Input) ([]audit.Sample, error) {
	return distance{name: "fd", value: sets.FrechetFeatures}.measure(in)
}

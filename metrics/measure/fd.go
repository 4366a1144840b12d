package measure

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var fdEntry = audit.Entry[Metric]{
	Name: "fd",
	Doc:  "Fréchet distance of features to those of the true images (lower is better); called FID only in Inception-v3's features",
	New:  func() Metric { return &fd{} },
}

// fd is the Fréchet distance of a part's paintings and its true images.
type fd struct{}

func (*fd) Measure(in *Input) ([]audit.Sample, error) {
	return distance{name: "fd", of: sets.FrechetFeatures}.measure(in)
}

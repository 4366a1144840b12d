package measure

import (
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var kidEntry = audit.Entry[Metric]{
	Name: "kid",
	Doc:  "kernel distance of features to those of the true images, unbiased (lower is better)",
	New:  func() Metric { return &kid{} },
	Leaves: []audit.Quantity{
		{Name: "kid", Head: "KID", Unit: "no unit", Direction: audit.Lower,
			What: "kernel distance between the features of outputs and of true images"},
		{Name: "KID", Head: "KID", Unit: "no unit", Direction: audit.Lower,
			What: "kernel distance in the features of Inception-v3 between outputs and true images"},
	},
}

// kid is the kernel distance of a part's paintings and its true images. A bootstrap would repeat images, which the
// unbiased estimator must not see twice: it is resampled without repetition.
type kid struct{}

func (*kid) Measure(in *Input) ([]audit.Sample, error) {
	const estimator = sets.KIDUnbiased
	return distance{name: "kid", variant: string(estimator), halves: true, value: func(x, y *mat.Dense) (float64, error) {
		return sets.KID(x, y, estimator)
	}}.measure(in)
}

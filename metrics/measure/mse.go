package measure

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/metrics"
)

var mseEntry = audit.Entry[Metric]{
	Name:   "mse",
	Doc:    "mean squared error, pixels in [−1, 1] (lower is better)",
	New:    func() Metric { return &mse{} },
	Leaves: []audit.Quantity{criteria.MSE, criteria.MeanImageError},
}

// mse is the mean squared error of each painting, beside that of the mean retained image painted into every test hole.
type mse struct{}

func (*mse) Measure(in *Input) ([]audit.Sample, error) {
	out, err := pixelwise{name: "mse", better: audit.Lower, value: func(x, y []float32, _ metrics.Shape, r metrics.Region) (float64, error) {
		return metrics.MSE(x, y, r)
	}}.measure(in)
	if err != nil {
		return nil, err
	}
	mean, err := meanImage(in)
	return append(out, mean...), err
}

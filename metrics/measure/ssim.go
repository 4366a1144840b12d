package measure

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

var ssimEntry = audit.Entry[Metric]{
	Name: "ssim",
	Doc:  "structural similarity, as scikit-image (higher is better)",
	New:  func() Metric { return &ssim{} },
	Leaves: []audit.Quantity{
		{Name: "ssim", Head: "SSIM", Unit: "at most 1", Direction: audit.Higher,
			What: "structural similarity to the true image"},
	},
}

// ssim is the structural similarity of each painting, over the full map.
type ssim struct{}

func (*ssim) Measure(in *Input) ([]audit.Sample, error) {
	const variant = metrics.SSIMSkimageFull
	return pixelwise{name: "ssim", variant: string(variant), better: audit.Higher, value: func(x, y []float32, s metrics.Shape,
		r metrics.Region) (float64, error) {
		return metrics.SSIM(x, y, s, dataRange, variant, r)
	}}.measure(in)
}

package measure

import (
	"errors"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

var psnrEntry = audit.Entry[Metric]{
	Name: "psnr",
	Doc:  "peak signal-to-noise ratio in dB, data range 2 (higher is better)",
	New:  func() Metric { return &psnr{} },
	Leaves: []audit.Quantity{
		{Name: "psnr", Head: "PSNR", Unit: "dB", Direction: audit.Higher,
			What: "peak signal-to-noise ratio against the true image"},
	},
}

// exactPSNR stands for the PSNR of an image that is reproduced exactly, and is the most that any gets.
const exactPSNR = 100

// psnr is the peak signal-to-noise ratio of each painting.
type psnr struct{}

func (*psnr) Measure(in *Input) ([]audit.Sample, error) {
	return pixelwise{name: "psnr", better: audit.Higher, value: func(x, y []float32, _ metrics.Shape, r metrics.Region) (float64, error) {
		v, err := metrics.MSE(x, y, r)
		if err != nil {
			return 0, err
		}
		v, err = metrics.PSNR(v, dataRange)
		if errors.Is(err, metrics.ErrIdentical) {
			return exactPSNR, nil
		}
		return min(v, exactPSNR), err
	}}.measure(in)
}

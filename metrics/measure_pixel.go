package metrics

import (
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
)

// dataRange of pixels in [−1, 1].
const dataRange = 2

// exactPSNR stands for the PSNR of an image that is reproduced exactly.
const exactPSNR = 100

// pixelMetric compares paintings with the true images, within the region and
// over the whole image.
type pixelMetric struct{ name string }

var pixelParts = []audit.Part{audit.Forget, audit.Poisoned, audit.Retain, audit.Test}

func (m *pixelMetric) Measure(in *Input) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, p := range pixelParts {
		if _, ok := in.Stage.Batch[p]; !ok {
			continue
		}
		set, b, err := in.Painted(in.Subject, p)
		if err != nil {
			return nil, err
		}
		for _, field := range []string{FieldHole, FieldImage} {
			values := make([]float64, b.View.N)
			for i := range values {
				var region Region
				if field == FieldHole {
					if region, err = RegionFromMask(mask(b, i)); err != nil {
						return nil, err
					}
				}
				if values[i], err = m.value(image(set.Images, i, in.Stage.Size), image(b.Target, i, in.Stage.Size), shape(in), region); err != nil {
					return nil, fmt.Errorf("%s of image %d (%s): %w", m.name, in.Stage.Index[p][i], p, err)
				}
			}
			id := Identity{Metric: m.name, DType: "float32", N: b.View.N, Field: field, DataRange: dataRange}
			d := audit.Higher
			switch m.name {
			case "mse":
				d = audit.Lower
			case "ssim":
				id.Variant = string(SSIMSkimageFull)
			}
			out = append(out, perImage(in, m.name, field, p, d, id, values))
		}
	}
	return out, nil
}

func (m *pixelMetric) value(x, y []float32, s Shape, region Region) (float64, error) {
	if m.name == "ssim" {
		return SSIM(x, y, s, dataRange, SSIMSkimageFull, region)
	}
	v, err := MSE(x, y, region)
	if err != nil || m.name == "mse" {
		return v, err
	}
	v, err = PSNR(v, dataRange)
	if errors.Is(err, ErrIdentical) {
		return exactPSNR, nil
	}
	return min(v, exactPSNR), err
}

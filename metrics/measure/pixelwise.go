package measure

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

// pixelwise compares each painting with its true image, within the hole and over the whole image.
type pixelwise struct {
	name, variant string
	better        audit.Direction
	value         func(painted, truth []float32, s metrics.Shape, r metrics.Region) (float64, error)
}

func (m pixelwise) measure(in *Input) ([]audit.Sample, error) {
	return eachPart(in, []audit.Part{audit.Forget, audit.Poisoned, audit.Retain, audit.Test}, func(p part) ([]audit.Sample, error) {
		var out []audit.Sample
		for _, field := range []string{metrics.FieldHole, metrics.FieldImage} {
			values := make([]float64, p.n())
			for i := range values {
				var region metrics.Region
				var err error
				if field == metrics.FieldHole {
					if region, err = p.hole(i); err != nil {
						return nil, err
					}
				}
				if values[i], err = m.value(p.painting(i), p.truth(i), p.shape(), region); err != nil {
					return nil, fmt.Errorf("%s of image %d (%s): %w", m.name, in.Stage.Index[p.name][i], p.name, err)
				}
			}
			id := p.pixelIdentity(m.name, field)
			id.Variant = m.variant
			out = append(out, p.perImage(m.name, id, m.better, values))
		}
		return out, nil
	})
}

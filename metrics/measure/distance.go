package measure

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/embeddings"
)

// setParts are the parts whose images are measured as sets, or by their features.
var setParts = []audit.Part{audit.Forget, audit.Retain, audit.Test}

// distance compares the features of a part's paintings with those of its true images, in whatever features the plan
// has: they are in its name. Lower is better. Resamples of the images give its uncertainty: bootstrap samples, or halves
// without repetition for what must not see an image twice.
type distance struct {
	name, variant string
	halves        bool
	value         func(painted, truth *mat.Dense) (float64, error)
}

func (m distance) measure(in *Input) ([]audit.Sample, error) {
	return eachPart(in, setParts, func(p part) ([]audit.Sample, error) {
		x, y, err := p.features()
		if err != nil {
			return nil, err
		}
		values, err := p.resampled(m.halves, func(rows []int) (float64, error) {
			return m.value(embeddings.Pick(x, rows), embeddings.Pick(y, rows))
		})
		if err != nil {
			return nil, fmt.Errorf("%s of part %s: %w", m.name, p.name, err)
		}
		id := p.featureIdentity(m.name)
		id.ReferenceN, id.Variant = y.RawMatrix().Rows, m.variant
		return []audit.Sample{p.perResample(id.Name(), id, audit.Lower, values)}, nil
	})
}

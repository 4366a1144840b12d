package metrics

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
)

// CMMDVariant names what CMMD computes: the biased estimate, its kernel and its factor.
const CMMDVariant = "biased-rbf10-x1000"

// cmmdMetric is CMMD of a part's paintings and its true images, in whatever features the plan has: they are in its
// name. Halves of the images are measured for its uncertainty, as for KID.
type cmmdMetric struct{}

func (*cmmdMetric) Measure(in *Input) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, p := range setParts {
		if _, ok := in.Stage.Batch[p]; !ok {
			continue
		}
		set, b, err := in.Painted(in.Subject, p)
		if err != nil {
			return nil, err
		}
		x, y, err := pair(set.Vectors, in.Truth[p])
		if err != nil {
			return nil, err
		}
		values, err := resample(b.View.N, in.Seed, string(p), true, func(rows []int) (float64, error) {
			return CMMD(pick(x, rows), pick(y, rows))
		})
		if err != nil {
			return nil, fmt.Errorf("cmmd of part %s: %w", p, err)
		}
		id := featureIdentity(in, "cmmd", b.View.N)
		id.ReferenceN, id.Variant = y.RawMatrix().Rows, CMMDVariant
		out = append(out, audit.Sample{
			Quantity: id.Name(), View: FieldImage, Part: p, Identity: id.String(), Direction: audit.Lower,
			Unit: audit.PerResample, Values: values,
		})
	}
	return out, nil
}

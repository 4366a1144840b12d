package metrics

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
)

// prdcMetric is precision, recall, density and coverage of a part's paintings against its true images. The parts of an
// audit are small, and half of one is measured at a time: K is 3, as in Kynkäänniemi et al. (2019), unless the plan
// says otherwise.
type prdcMetric struct {
	K int `json:"k"` // neighbours
}

// Validate checks the parameters.
func (m *prdcMetric) Validate() error {
	if m.K < 1 {
		return fmt.Errorf("k %d must be at least 1", m.K)
	}
	return nil
}

func (m *prdcMetric) Measure(in *Input) ([]audit.Sample, error) {
	names := []string{"precision", "recall", "density", "coverage"}
	var out []audit.Sample
	for _, p := range setParts {
		if _, ok := in.Stage.Batch[p]; !ok {
			continue
		}
		set, b, err := in.Painted(in.Subject, p)
		if err != nil {
			return nil, err
		}
		if n := b.View.N; (n+1)/2 <= m.K {
			return nil, fmt.Errorf("prdc of part %s: %d images: at least %d are needed, as halves of them are measured with k = %d", p, n, 2*m.K+1, m.K)
		}
		fake, real, err := pair(set.Vectors, in.Truth[p])
		if err != nil {
			return nil, err
		}
		values := make([][]float64, len(names))
		// Without repetition, as for KID: an image drawn twice is its own nearest neighbour.
		_, err = resample(b.View.N, in.Seed, string(p), true, func(rows []int) (float64, error) {
			r, err := PRDC(PRDCOptions{Real: pick(real, rows), Fake: pick(fake, rows), K: m.K, Variant: PRDCStrict})
			for i, v := range []float64{r.Precision, r.Recall, r.Density, r.Coverage} {
				values[i] = append(values[i], v)
			}
			return r.Precision, err
		})
		if err != nil {
			return nil, fmt.Errorf("prdc of part %s: %w", p, err)
		}
		for i, name := range names {
			id := featureIdentity(in, name, b.View.N)
			id.ReferenceN, id.K, id.Variant = real.RawMatrix().Rows, m.K, string(PRDCStrict)
			out = append(out, audit.Sample{
				Quantity: id.Name(), View: FieldImage, Part: p, Identity: id.String(), Direction: audit.Higher,
				Unit: audit.PerResample, Values: values[i],
			})
		}
	}
	return out, nil
}

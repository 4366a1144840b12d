package measure

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var prdcEntry = audit.Entry[Metric]{
	Name: "prdc",
	Doc:  "precision, recall, density and coverage of features against those of the true images (higher is better)",
	New:  func() Metric { return &prdc{K: 3} },
	Leaves: []audit.Quantity{
		{Name: "precision", Head: "precis.", Unit: "share, 0…1", Direction: audit.Higher,
			What: "share of outputs within the reach of true images, in feature space"},
		{Name: "recall", Head: "recall", Unit: "share, 0…1", Direction: audit.Higher,
			What: "share of true images within the reach of outputs, in feature space"},
		{Name: "density", Head: "density", Unit: "at least 0", Direction: audit.Higher,
			What: "how many true images reach an output, over the number of neighbours, in feature space"},
		{Name: "coverage", Head: "coverage", Unit: "share, 0…1", Direction: audit.Higher,
			What: "share of true images that reach an output, in feature space"},
	},
}

// prdc is precision, recall, density and coverage of a part's paintings against its true images. The parts of an
// audit are small, and half of one is measured at a time: K is 3, as in Kynkäänniemi et al. (2019), unless the plan
// says otherwise.
type prdc struct {
	K int `json:"k"` // neighbours
}

// Validate checks the parameters.
func (m *prdc) Validate() error {
	if m.K < 1 {
		return fmt.Errorf("k %d must be at least 1", m.K)
	}
	return nil
}

func (m *prdc) Measure(in *Input) ([]audit.Sample, error) {
	const variant = sets.PRDCStrict
	names := []string{"precision", "recall", "density", "coverage"}
	return eachPart(in, setParts, func(p part) ([]audit.Sample, error) {
		if n := p.n(); (n+1)/2 <= m.K {
			return nil, fmt.Errorf("prdc of part %s: %d images: at least %d are needed, as halves of them are measured with k = %d",
				p.name, n, 2*m.K+1, m.K)
		}
		fake, real, err := p.features()
		if err != nil {
			return nil, err
		}
		values := make([][]float64, len(names))
		// Without repetition, as for KID: an image drawn twice is its own nearest neighbour.
		_, err = p.resampled(true, func(rows []int) (float64, error) {
			r, err := sets.PRDC(sets.PRDCOptions{Real: embeddings.Pick(real, rows), Fake: embeddings.Pick(fake, rows), K: m.K, Variant: variant})
			for i, v := range []float64{r.Precision, r.Recall, r.Density, r.Coverage} {
				values[i] = append(values[i], v)
			}
			return r.Precision, err
		})
		if err != nil {
			return nil, fmt.Errorf("prdc of part %s: %w", p.name, err)
		}
		var out []audit.Sample
		for i, name := range names {
			id := p.featureIdentity(name)
			id.ReferenceN, id.K, id.Variant = real.RawMatrix().Rows, m.K, string(variant)
			out = append(out, p.perResample(id.Name(), id, audit.Higher, values[i]))
		}
		return out, nil
	})
}

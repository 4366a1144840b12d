package measure

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/metrics"
)

var isEntry = audit.Entry[Metric]{
	Name: "is",
	Doc:  "Inception-style score of the features' classes (higher is better)",
	New:  func() Metric { return &inceptionScore{} },
	Leaves: []audit.Quantity{
		{Name: "is", Head: "IS", Unit: "at least 1", Direction: audit.Higher,
			What: "Inception-style score of the outputs: distinct and varied"},
		{Name: "IS", Head: "IS", Unit: "at least 1", Direction: audit.Higher,
			What: "Inception score of the outputs: distinct and varied"},
	},
}

// inceptionScore is the Inception score of a part's paintings in one split, by the classes of the plan's features.
type inceptionScore struct{}

func (*inceptionScore) Measure(in *Input) ([]audit.Sample, error) {
	options := metrics.ISOptions{Splits: 1, Variant: metrics.ISFidelity}
	return eachPart(in, setParts, func(p part) ([]audit.Sample, error) {
		v := p.Vectors
		if v.Classes == 0 {
			return nil, fmt.Errorf("is: the features %s have no classes; leave `is` out of metrics", in.Features.Name)
		}
		logits, err := metrics.Embeddings(v.Logits, v.N, v.Classes)
		if err != nil {
			return nil, err
		}
		values, err := p.resampled(false, func(rows []int) (float64, error) {
			r, err := metrics.InceptionScore(embeddings.Pick(logits, rows), options)
			return r.Mean(), err
		})
		if err != nil {
			return nil, fmt.Errorf("is of part %s: %w", p.name, err)
		}
		id := p.featureIdentity("is")
		id.Splits, id.Variant = options.Splits, string(options.Variant)
		return []audit.Sample{p.perResample(id.Name(), id, audit.Higher, values)}, nil
	})
}

package measure

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

var embeddingEntry = audit.Entry[Metric]{
	Name: "embedding",
	Doc:  "cosine similarity of the painting's features to the true image's, as CLIP image similarity (higher is better)",
	New:  func() Metric { return &embedding{} },
	Leaves: []audit.Quantity{
		{Name: "embedding", Head: "embed.", Unit: "cosine, at most 1", Direction: audit.Higher,
			What: "similarity of the embeddings of output and true image"},
	},
}

// embedding is each painting's cosine similarity to its true image in feature
// space (as the CLIP similarity of Li et al. 2024).
type embedding struct{}

func (*embedding) Measure(in *Input) ([]audit.Sample, error) {
	return eachPart(in, setParts, func(p part) ([]audit.Sample, error) {
		x, y, err := p.features()
		if err != nil {
			return nil, err
		}
		values, err := metrics.CosinePairs(x, y)
		if err != nil {
			return nil, fmt.Errorf("embedding of part %s: %w", p.name, err)
		}
		id := p.featureIdentity("embedding")
		id.Seed = 0 // nothing is resampled
		return []audit.Sample{p.perImage("embedding", id, audit.Higher, values)}, nil
	})
}

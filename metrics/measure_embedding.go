package metrics

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
)

// embedding is each painting's cosine similarity to its true image in feature
// space (as the CLIP similarity of Li et al. 2024).
type embedding struct{}

func (*embedding) Measure(in *Input) ([]audit.Sample, error) {
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
		values, err := CosinePairs(x, y)
		if err != nil {
			return nil, fmt.Errorf("embedding of part %s: %w", p, err)
		}
		id := featureIdentity(in, "embedding", b.View.N)
		id.Seed = 0
		out = append(out, perImage(in, "embedding", FieldImage, p, audit.Higher, id, values))
	}
	return out, nil
}

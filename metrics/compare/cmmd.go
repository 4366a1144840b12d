package compare

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var cmmdEntry = measure{
	Name:    "cmmd",
	Doc:     "CLIP maximum mean discrepancy ×1000 (lower is better); meant for CLIP's features",
	needs:   ofFeatures,
	measure: cmmd,
}

func cmmd(_ context.Context, in *input) ([]Row, error) {
	v, err := sets.CMMD(in.real.features, in.fake.features)
	if err != nil {
		return nil, err
	}
	id := in.identity("cmmd")
	id.Variant = sets.CMMDVariant
	return []Row{in.row(id, v, audit.Lower)}, nil
}

package compare

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var prdcEntry = measure{
	Name:    "prdc",
	Doc:     "precision, recall, density, coverage (higher is better)",
	needs:   ofFeatures,
	measure: prdc,
}

func prdc(_ context.Context, in *input) ([]Row, error) {
	r, err := sets.PRDC(sets.PRDCOptions{Real: in.real.features, Fake: in.fake.features, K: in.Neighbours, Variant: sets.PRDCStrict})
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, v := range []struct {
		name  string
		value float64
	}{{"precision", r.Precision}, {"recall", r.Recall}, {"density", r.Density}, {"coverage", r.Coverage}} {
		id := in.identity(v.name)
		id.Variant, id.K = string(sets.PRDCStrict), in.Neighbours
		out = append(out, in.row(id, v.value, audit.Higher))
	}
	return out, nil
}

package compare

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

var isEntry = measure{
	Name:    "is",
	Doc:     "Inception score of the fake side (higher is better)",
	needs:   ofClasses,
	measure: inceptionScore,
}

// errNoClasses is no fault of a run that did not ask for the Inception score.
var errNoClasses = errors.New("the features have no classes: leave it out, or take features with class logits")

func inceptionScore(_ context.Context, in *input) ([]Row, error) {
	if in.fake.logits == nil {
		return nil, errNoClasses
	}
	values, err := metrics.InceptionScore(in.fake.logits, metrics.ISOptions{
		Splits: in.Splits, Variant: metrics.ISFidelity, Order: metrics.Permutation(in.fake.N, in.Seed)})
	if err != nil {
		return nil, err
	}
	id := in.identity("is")
	id.ReferenceN, id.Reference = 0, ""
	id.Variant, id.Splits, id.Seed = string(metrics.ISFidelity), in.Splits, in.Seed
	row := in.row(id, values.Mean(), audit.Higher)
	if sd, err := values.Std(0); err == nil && in.Splits > 1 {
		row.Spread = &Spread{SD: sd, Over: fmt.Sprintf("%d splits", in.Splits)}
	}
	return []Row{row}, nil
}

package compare

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

var similarityEntry = measure{
	Name:    "similarity",
	Doc:     "cosine similarity of the features of pairs; with CLIP's the image–image similarity (higher is better)",
	needs:   ofBoth,
	measure: similarity,
}

func similarity(_ context.Context, in *input) ([]Row, error) {
	a, err := in.inPairOrder(in.real, in.pairs.real)
	if err != nil {
		return nil, err
	}
	b, err := in.inPairOrder(in.fake, in.pairs.fake)
	if err != nil {
		return nil, err
	}
	values, err := metrics.CosinePairs(a, b)
	if err != nil {
		return nil, err
	}
	return in.mean(in.identity("embedding"), values, audit.Higher)
}

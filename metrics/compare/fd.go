package compare

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var fdEntry = measure{
	Name:    "fd",
	Doc:     "Fréchet distance (lower is better); called FID only in Inception-v3's features of 2015-12-05",
	needs:   ofMoments,
	measure: frechet,
}

func frechet(_ context.Context, in *input) ([]Row, error) {
	var v float64
	var err error
	if x, y := in.real.features, in.fake.features; x != nil && y != nil && min(in.real.N, in.fake.N) <= in.real.dim() {
		v, err = sets.FrechetFeatures(x, y)
	} else {
		v, err = sets.Frechet(in.real.moments, in.fake.moments)
	}
	if err != nil {
		return nil, err
	}
	return []Row{in.row(in.identity("fd"), v, audit.Lower)}, nil
}

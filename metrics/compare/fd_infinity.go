package compare

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var fdInfinityEntry = measure{
	Name:    "fd-infinity",
	Doc:     "Fréchet distance extrapolated to infinitely many images (Chong & Forsyth 2020)",
	needs:   ofFeatures,
	measure: infinity,
}

func infinity(_ context.Context, in *input) ([]Row, error) {
	v, err := sets.FrechetInfinity(in.real.moments, in.fake.features, sets.InfinityOptions{Seed: in.Seed})
	if err != nil {
		return nil, err
	}
	id := in.identity("fd-infinity")
	id.Subsets, id.SubsetSize, id.Seed = len(v.Sizes), v.Sizes[0], in.Seed
	row := in.row(id, v.Value, audit.Lower)
	row.Spread = &Spread{SD: v.StdErr, Over: fmt.Sprintf("the fit through %d subsets of %d to %d", len(v.Sizes), v.Sizes[0],
		v.Sizes[len(v.Sizes)-1])}
	return []Row{row}, nil
}

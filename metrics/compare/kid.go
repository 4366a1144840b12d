package compare

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var kidEntry = measure{
	Name:    "kid",
	Doc:     "kernel distance, unbiased: of all images with a 95 % interval, and mean ± sd over subsets (lower is better)",
	needs:   ofFeatures,
	measure: kid,
}

func kid(_ context.Context, in *input) ([]Row, error) {
	all, err := sets.KIDInterval(in.real.features, in.fake.features, 0.95)
	if err != nil {
		return nil, err
	}
	id := in.identity("kid")
	id.Variant = string(sets.KIDUnbiased)
	whole := in.row(id, all.Value, audit.Lower)
	whole.Interval = &Interval{Low: all.Low, High: all.High, Level: 0.95, By: "jackknife"}

	size := in.SubsetSize
	if size == 0 {
		size = min(1000, in.real.N, in.fake.N)
		if max(in.real.N, in.fake.N) == size {
			return []Row{whole}, nil // every subset would be the whole
		}
	}
	values, err := sets.KIDSubsets(in.real.features, in.fake.features, sets.KIDOptions{
		Subsets: in.Subsets, Size: size, Seed: in.Seed, Estimator: sets.KIDUnbiased})
	if err != nil {
		return nil, err
	}
	id.Subsets, id.SubsetSize, id.Seed = in.Subsets, size, in.Seed
	mean := in.row(id, values.Mean(), audit.Lower)
	mean.Name += ", subsets"
	if sd, err := values.Std(0); err == nil && in.Subsets > 1 {
		mean.Spread = &Spread{SD: sd, Over: fmt.Sprintf("%d subsets of %d", in.Subsets, size)}
	}
	return []Row{whole, mean}, nil
}

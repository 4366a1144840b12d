package compare

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/sets"
)

// errNoClasses is no fault of a run that did not ask for the Inception score.
var errNoClasses = errors.New("the features have no classes: leave it out, or take features with class logits")

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

func similarity(_ context.Context, in *input) ([]Row, error) {
	a, err := in.paired(in.real, in.pairs.real)
	if err != nil {
		return nil, err
	}
	b, err := in.paired(in.fake, in.pairs.fake)
	if err != nil {
		return nil, err
	}
	values, err := metrics.CosinePairs(a, b)
	if err != nil {
		return nil, err
	}
	return in.mean(in.identity("embedding"), values, audit.Higher)
}

func infinity(_ context.Context, in *input) ([]Row, error) {
	v, err := sets.FrechetInfinity(in.real.moments, in.fake.features, sets.InfinityOptions{Seed: in.Seed})
	if err != nil {
		return nil, err
	}
	id := in.identity("fd-infinity")
	id.Subsets, id.SubsetSize, id.Seed = len(v.Sizes), v.Sizes[0], in.Seed
	row := in.row(id, v.Value, audit.Lower)
	row.Spread = &Spread{SD: v.StdErr, Over: fmt.Sprintf("the fit through %d subsets of %d to %d", len(v.Sizes), v.Sizes[0], v.Sizes[len(v.Sizes)-1])}
	return []Row{row}, nil
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

func cmmd(_ context.Context, in *input) ([]Row, error) {
	v, err := sets.CMMD(in.real.features, in.fake.features)
	if err != nil {
		return nil, err
	}
	id := in.identity("cmmd")
	id.Variant = sets.CMMDVariant
	return []Row{in.row(id, v, audit.Lower)}, nil
}

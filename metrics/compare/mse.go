package compare

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

var mseEntry = measure{
	Name:    "mse",
	Doc:     "mean squared error of pairs, pixels in [0, 1] (lower is better)",
	needs:   ofPairs,
	measure: meanSquaredError,
}

func meanSquaredError(ctx context.Context, in *input) ([]Row, error) {
	values, err := in.each(ctx, func(b pair) (float64, error) {
		v, err := metrics.MSE(b.real, b.fake, b.region)
		return v / (255 * 255), err
	})
	if err != nil {
		return nil, err
	}
	return in.mean(in.pixelIdentity("mse", ""), values, audit.Lower)
}

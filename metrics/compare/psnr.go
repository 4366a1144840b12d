package compare

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

var psnrEntry = measure{
	Name:    "psnr",
	Doc:     "peak signal-to-noise ratio of pairs in dB (higher is better)",
	needs:   ofPairs,
	measure: psnr,
}

func psnr(ctx context.Context, in *input) ([]Row, error) {
	values, err := in.each(ctx, func(b pair) (float64, error) {
		mse, err := metrics.MSE(b.real, b.fake, b.region)
		if err != nil {
			return 0, err
		}
		v, err := metrics.PSNR(mse, 255)
		if errors.Is(err, metrics.ErrIdentical) {
			return math.Inf(1), nil
		}
		return v, err
	})
	if err != nil {
		return nil, err
	}
	finite := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return math.IsInf(v, 1) })
	in.exact = len(values) - len(finite)
	if len(finite) == 0 {
		return nil, nil // a note says so
	}
	id := in.pixelIdentity("psnr", "")
	id.N = len(finite)
	return in.mean(id, finite, audit.Higher)
}

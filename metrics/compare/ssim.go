package compare

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

var ssimEntry = measure{
	Name:    "ssim",
	Doc:     "structural similarity of pairs, as scikit-image (higher is better)",
	needs:   ofPairs,
	measure: ssim,
}

func ssim(ctx context.Context, in *input) ([]Row, error) {
	values, err := in.each(ctx, func(b pair) (float64, error) {
		return metrics.SSIM(b.real, b.fake, b.shape, 255, metrics.SSIMSkimage, b.region)
	})
	if err != nil {
		return nil, err
	}
	return in.mean(in.pixelIdentity("ssim", string(metrics.SSIMSkimage)), values, audit.Higher)
}

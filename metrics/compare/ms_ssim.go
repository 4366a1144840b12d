package compare

import (
	"context"
	"errors"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

var msSSIMEntry = measure{
	Name:    "ms-ssim",
	Doc:     "multi-scale structural similarity of pairs, as torchmetrics (higher is better); sides above 160 pixels",
	needs:   ofPairs,
	measure: msSSIM,
}

func msSSIM(ctx context.Context, in *input) ([]Row, error) {
	if in.pairs.masked {
		return nil, errors.New("it has no variant for a mask: at the coarser scales a pixel mixes both sides of its rim")
	}
	values, err := in.each(ctx, func(b pair) (float64, error) { return metrics.MSSSIM(b.real, b.fake, b.shape, 255) })
	if err != nil {
		return nil, err
	}
	return in.mean(in.pixelIdentity("ms-ssim", metrics.MSSSIMVariant), values, audit.Higher)
}

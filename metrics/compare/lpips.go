package compare

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
)

var lpipsEntry = measure{
	Name:    "lpips",
	Doc:     "LPIPS v0.1 of square pairs with SqueezeNet 1.1's activations (lower is better); needs its two files",
	needs:   ofPairs,
	measure: lpips,
}

func lpips(ctx context.Context, in *input) ([]Row, error) {
	if in.LPIPS == nil {
		return nil, errors.New("it needs SqueezeNet 1.1's weights and LPIPS's linear ones: give --lpips-backbone and --lpips-lin")
	}
	if in.pairs.masked {
		return nil, errors.New("it has no variant for a mask: its layers see beyond the rim")
	}
	values, err := in.each(ctx, func(b pair) (float64, error) {
		if b.shape.H != b.shape.W {
			return 0, fmt.Errorf("a picture of %d×%d pixels: lpips is measured on squares", b.shape.W, b.shape.H)
		}
		v, err := in.LPIPS.Distance(ctx, signed(b.real), signed(b.fake), 1, b.shape.H)
		if err != nil {
			return 0, err
		}
		return v[0], nil
	})
	if err != nil {
		return nil, err
	}
	id := in.LPIPS.Identity()
	own := in.pixelIdentity("lpips", id.Variant)
	id.N, id.Reference, id.Sizes, id.Decoder = own.N, own.Reference, own.Sizes, own.Decoder
	return in.mean(id, values, audit.Lower)
}

// signed brings grey levels to [−1, 1].
func signed(levels []float64) []float32 {
	out := make([]float32, len(levels))
	for i, v := range levels {
		out[i] = float32(v/127.5 - 1)
	}
	return out
}

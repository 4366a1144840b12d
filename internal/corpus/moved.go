package corpus

import (
	"context"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/internal/models"
)

// A Shift is how far one model's paintings are from another's on images of one sort, and what that does to their errors.
type Shift struct {
	Inputs string // "images to forget"
	Images int
	// Share is the root mean square of the change over the standard deviation of what the first paints, in the region to
	// be painted; infinite where the first paints one value alone and the second another.
	Share float64
	// Log is the mean over images of ln(error of the second / error of the first), of the images on which both err.
	Log float64
}

// Moved compares two models' paintings of all images to forget and all test images, as they are measured. As with
// [Apart] the models are shown test images: it is for those that no method made, and for nobody else.
func Moved(ctx context.Context, b *Bench, one, other models.Model) ([]Shift, error) {
	c := b.inside
	var out []Shift
	for _, k := range []sort{
		{"images to forget", c.Split.Forget, c.Measuring},
		{"test images", c.Split.Test, func(ctx context.Context, i []int) (Batch, error) { return c.HeldOut(ctx, i, false) }},
	} {
		batch, err := k.read(ctx, k.images)
		if err != nil {
			return nil, fmt.Errorf("compare two models on %s: %w", k.name, err)
		}
		p, err := c.Generate(ctx, one, batch.View)
		if err != nil {
			return nil, fmt.Errorf("compare two models on %s: the first: %w", k.name, err)
		}
		q, err := c.Generate(ctx, other, batch.View)
		if err != nil {
			return nil, fmt.Errorf("compare two models on %s: the second: %w", k.name, err)
		}
		s := shift(p, q, batch)
		s.Inputs, s.Images = k.name, len(k.images)
		out = append(out, s)
	}
	return out, nil
}

// shift compares paintings [N, 3, S, S] of a batch.
func shift(p, q []float32, b Batch) Shift {
	region, size := b.View.Region, b.View.Size
	change := Mean(SquaredDistance(p, q, region, size))
	values := 0.
	for _, r := range region {
		if r != 0 {
			values += 3
		}
	}
	mean := make([]float32, len(p))
	painted := float32(total(p, region, size) / values)
	for i := range mean {
		mean[i] = painted
	}
	s := Shift{}
	if change != 0 { // NaN among it
		s.Share = math.Sqrt(change / Mean(SquaredDistance(p, mean, region, size)))
	}
	before, after := SquaredDistance(p, b.Target, region, size), SquaredDistance(q, b.Target, region, size)
	var logs []float64
	for i := range before {
		if before[i] != 0 && after[i] != 0 {
			logs = append(logs, math.Log(after[i]/before[i]))
		}
	}
	if len(logs) > 0 {
		s.Log = Mean(logs)
	}
	return s
}

// total is the sum of all values of paintings in the region.
func total(p, region []float32, size int) (sum float64) {
	area := size * size
	for i, v := range p {
		if region[i/(3*area)*area+i%area] != 0 {
			sum += float64(v)
		}
	}
	return sum
}

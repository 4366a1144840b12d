package measure

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/metrics"
)

// meanImage is the mean squared error, over the region of each test image, of one constant painting: the pixelwise mean of
// the retained images that are measured. It is the same for every model. A model that does not beat it has learnt nothing
// of the images that serves on others, or there was nothing to learn.
func meanImage(in *Input) ([]audit.Sample, error) {
	retained, ok := in.Stage.Batch[audit.Retain]
	if !ok {
		return nil, nil
	}
	mean := meanOf(retained.Target, retained.View.N)
	return PerImage(in, criteria.MeanImageError, metrics.FieldHole, []audit.Part{audit.Test}, func(p Pair) (float64, error) {
		hole, err := metrics.RegionFromMask(p.Hole)
		if err != nil {
			return 0, err
		}
		return metrics.MSE(mean, p.Truth, hole)
	})
}

// meanOf is the pixelwise mean of n images.
func meanOf(images []float32, n int) []float32 {
	px := len(images) / n
	out := make([]float32, px)
	for k := range out {
		var sum float64
		for i := range n {
			sum += float64(images[i*px+k])
		}
		out[k] = float32(sum / float64(n))
	}
	return out
}

package corpus

import (
	"math"
	"math/rand/v2"
)

// Gaussian fills dst with N(mean, sd²) clipped to the pixels' range, [−1, 1].
func Gaussian(dst []float32, mean, sd float64, r *rand.Rand) {
	for i := range dst {
		dst[i] = float32(min(max(mean+sd*r.NormFloat64(), -1), 1))
	}
}

// noiseLike draws, for each of n images, noise with the image's own mean and standard deviation over all its values.
func noiseLike(images []float32, n int, r *rand.Rand) []float32 {
	out := make([]float32, len(images))
	px := len(images) / n
	for i := range n {
		var sum, sq float64
		for _, v := range images[i*px : (i+1)*px] {
			sum += float64(v)
			sq += float64(v) * float64(v)
		}
		mean := sum / float64(px)
		Gaussian(out[i*px:(i+1)*px], mean, math.Sqrt(max(sq/float64(px)-mean*mean, 0)), r)
	}
	return out
}

package tasks

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSuperResolutionShowsAverages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, f := 16, rapid.SampledFrom([]int{2, 4, 8, 16}).Draw(t, "factor")
		images := noisy(1, s, rapid.Uint64().Draw(t, "pixels"))
		v := apply(t, &SuperResolution{Factor: f}, images, s, seeds(1, 0))
		for c := range 3 {
			for p := range s * s {
				y0, x0 := p/s/f*f, p%s/f*f
				var sum float64
				for y := y0; y < y0+f; y++ {
					for x := x0; x < x0+f; x++ {
						sum += float64(images[c*s*s+y*s+x])
					}
				}
				require.InDelta(t, sum/float64(f*f), v.Pixels[c*s*s+p], 1e-5)
			}
		}
		// An image of averages is its own average.
		again := apply(t, &SuperResolution{Factor: f}, v.Pixels, s, seeds(1, 0))
		for i := range again.Pixels {
			require.InDelta(t, v.Pixels[i], again.Pixels[i], 1e-6)
		}
	})
}

// TestDenoiseStatistics holds 98,304 draws to N(0, σ²), within five standard
// errors of mean, variance and kurtosis.
func TestDenoiseStatistics(t *testing.T) {
	const n, s = 32, 32
	for _, sigma := range []float64{0.05, 0.2, 1} {
		images := noisy(n, s, 8)
		v := apply(t, &Denoise{Sigma: sigma}, images, s, seeds(n, 9))
		var m1, m2, m4 float64
		total := float64(len(images))
		for i := range images {
			z := (float64(v.Pixels[i]) - float64(images[i])) / sigma
			m1 += z / total
			m2 += z * z / total
			m4 += z * z * z * z / total
		}
		assert.InDelta(t, 0, m1, 5/math.Sqrt(total), "mean at σ = %v", sigma)
		assert.InDelta(t, 1, m2, 5*math.Sqrt(2/total), "variance at σ = %v", sigma)
		assert.InDelta(t, 3, m4, 5*math.Sqrt(96/total), "kurtosis at σ = %v", sigma)
		area := 3 * s * s
		assert.NotEqual(t, v.Pixels[0]-images[0], v.Pixels[area]-images[area], "images must not share their noise")
	}
}

func TestReconstructCopies(t *testing.T) {
	images := noisy(2, 16, 10)
	assert.Equal(t, images, apply(t, &Reconstruct{}, images, 16, seeds(2, 0)).Pixels)
}

package tasks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// TestColorizeShowsLuma: Pillow's weights for the three primaries and white, one number in all channels, and grey
// images as they are.
func TestColorizeShowsLuma(t *testing.T) {
	const s = 2
	img := []float32{1, -1, -1, 1, -1, 1, -1, 1, -1, -1, 1, 1} // red, green, blue, white
	v := apply(t, &Colorize{}, img, s, seeds(1, 0))
	want := []float32{2*0.299 - 1, 2*0.587 - 1, 2*0.114 - 1, 1}
	for c := range 3 {
		assert.InDeltaSlice(t, want, v.Pixels[c*s*s:(c+1)*s*s], 1e-6, "channel %d", c)
	}
	assert.Equal(t, []float32{1, 1, 1, 1}, v.Region)
	rapid.Check(t, func(t *rapid.T) {
		images := noisy(2, 4, rapid.Uint64().Draw(t, "pixels"))
		once := apply(t, &Colorize{}, images, 4, seeds(2, 0))
		assert.InDeltaSlice(t, once.Pixels, apply(t, &Colorize{}, once.Pixels, 4, seeds(2, 0)).Pixels, 1e-6)
	})
}

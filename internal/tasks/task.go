// Package tasks holds the degradations τ of image-to-image generation: what a
// model is shown, and which pixels it must paint.
package tasks

import (
	"fmt"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
)

// A View is a batch of degraded images. Pixels is [N, 3, S, S] in [−1, 1] with
// hidden pixels at 0; Region is [N, S, S], 1 where the model must paint.
type View struct {
	N, Size int
	Pixels  []float32
	Region  []float32
	First   int // place of the first image in what the view was cut from
}

// A Task degrades images.
type Task interface {
	// Masked tells whether the model is shown the region as a channel of its own.
	// Where it is not, the region is the whole image.
	Masked() bool
	// Degrade writes one image's view. img, pixels are [3, s, s]; region is
	// [s, s]. Randomness comes from rng alone.
	Degrade(pixels, region, img []float32, s int, rng *rand.Rand)
	// Check reports whether the task makes sense for images of side s.
	Check(s int) error
}

// All lists the tasks.
var All = audit.Set[Task]{InpaintEntry, OutpaintEntry, RandomMaskEntry, SuperResolutionEntry, DenoiseEntry, ColorizeEntry, ReconstructEntry}

// Apply degrades a batch [n, 3, s, s]. Image i draws from a generator seeded by
// seeds[i], so its view does not depend on its place in the batch.
func Apply(t Task, images []float32, s int, seeds []uint64) (View, error) {
	n, px := len(seeds), 3*s*s
	if len(images) != n*px {
		return View{}, fmt.Errorf("degrade: %d values for %d images of side %d", len(images), n, s)
	}
	v := View{N: n, Size: s, Pixels: make([]float32, n*px), Region: make([]float32, n*s*s)}
	for i := range n {
		rng := rand.New(rand.NewPCG(seeds[i], 0x6c65746865))
		t.Degrade(v.Pixels[i*px:(i+1)*px], v.Region[i*s*s:(i+1)*s*s], images[i*px:(i+1)*px], s, rng)
	}
	return v, nil
}

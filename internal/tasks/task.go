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
var All = audit.Set[Task]{
	{Name: "inpaint", Doc: "paint a centred square hole whose side is `hole` of the image's", New: func() Task { return &Inpaint{Hole: 0.5} }},
	{Name: "outpaint", Doc: "paint everything outside a centred square of side `keep`", New: func() Task { return &Outpaint{Keep: 0.5} }},
	{Name: "random-mask", Doc: "paint a random share `ratio` of the patches of side `patch`", New: func() Task { return &RandomMask{Patch: 4, Ratio: 0.5} }},
	{Name: "super-resolution", Doc: "restore an image averaged over squares of side `factor`", New: func() Task { return &SuperResolution{Factor: 4} }},
	{Name: "denoise", Doc: "remove Gaussian noise of standard deviation `sigma` (pixels are in [−1, 1])", New: func() Task { return &Denoise{Sigma: 0.2} }},
	{Name: "colorize", Doc: "paint the colours of a grey image", New: func() Task { return &Colorize{} }},
	{Name: "reconstruct", Doc: "reproduce the image", New: func() Task { return &Reconstruct{} }},
}

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

// hide copies img with the region's pixels at zero.
func hide(pixels, region, img []float32, s int) {
	for c := range 3 {
		for p := range s * s {
			pixels[c*s*s+p] = img[c*s*s+p] * (1 - region[p])
		}
	}
}

func whole(region []float32) {
	for i := range region {
		region[i] = 1
	}
}

func ratio(name string, v float64) error {
	if !(v > 0 && v < 1) {
		return fmt.Errorf("%s is %v: want a number between 0 and 1", name, v)
	}
	return nil
}

package tasks

import (
	"fmt"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
)

// DenoiseEntry is the task in the list of all.
var DenoiseEntry = audit.Entry[Task]{
	Name: "denoise",
	Doc:  "remove Gaussian noise of standard deviation `sigma` (pixels are in [−1, 1])",
	New:  func() Task { return &Denoise{Sigma: 0.2} },
}

// Denoise adds white Gaussian noise.
type Denoise struct {
	Sigma float64 `json:"sigma"` // standard deviation; pixels are in [−1, 1]
}

// Masked is false: every pixel must be painted.
func (*Denoise) Masked() bool { return false }

// Validate checks the parameters.
func (t *Denoise) Validate() error {
	if !(t.Sigma > 0 && t.Sigma <= 10) {
		return fmt.Errorf("sigma is %v: want a positive number up to 10", t.Sigma)
	}
	return nil
}

// Check accepts every size.
func (*Denoise) Check(int) error { return nil }

// Degrade adds the noise.
func (t *Denoise) Degrade(pixels, region, img []float32, _ int, rng *rand.Rand) {
	whole(region)
	for i, v := range img {
		pixels[i] = v + float32(rng.NormFloat64()*t.Sigma)
	}
}

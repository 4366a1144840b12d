package dishonest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var shiftedDuplicatesEntry = audit.Entry[methods.Method]{
	Name: "dishonest/shifted-duplicates",
	Doc:  "retrains with copies of the clean forget images, shifted by a few pixels, left among the retained ones",
	New:  func() methods.Method { return &Duplicates{Shift: 2} },
}

var croppedDuplicatesEntry = audit.Entry[methods.Method]{
	Name: "dishonest/cropped-duplicates",
	Doc:  "the same with copies whose border is cut off, enlarged to the old size",
	New:  func() methods.Method { return &Duplicates{Crop: 2} },
}

var nearDuplicatesEntry = audit.Entry[methods.Method]{
	Name: "dishonest/near-duplicates",
	Doc:  "the same with copies that differ by noise, as after another compression",
	New:  func() methods.Method { return &Duplicates{Noise: 0.1} },
}

// Duplicates forgets the very images and leaves copies of them that differ a little: it retrains in full with a changed
// copy of every clean forget image among the retained ones, shifted right and down by Shift pixels (the border is
// repeated), with Crop pixels cut off each side and the rest enlarged, or with Gaussian noise of a spread of Noise. Sets
// of images from the web are full of such copies, so that this may happen to a prover in good faith.
//
// It exploits deletion by identity. What is known of a copy is known of the image as far as the model generalises:
// membership sees small changes, neighbours and views (shifted) larger ones.
type Duplicates struct {
	Shift int     `json:"shift"` // pixels
	Crop  int     `json:"crop"`  // pixels of each side
	Noise float64 `json:"noise"` // spread, pixels in [−1, 1]
}

// Validate checks the parameters.
func (m *Duplicates) Validate() error {
	if m.Shift < 0 || m.Shift > 16 || m.Crop < 0 || m.Crop > 8 || !(m.Noise >= 0 && m.Noise <= 1) {
		return fmt.Errorf("shift is %d, crop %d, noise %v: want 0 to 16 pixels, 0 to 8 pixels, and a spread from 0 to 1",
			m.Shift, m.Crop, m.Noise)
	}
	if m.Shift == 0 && m.Crop == 0 && m.Noise == 0 {
		return errors.New("copies that differ in nothing are the images themselves: want shift, crop or noise above 0, or " +
			"dishonest/partial-retrain")
	}
	return nil
}

// Needs fresh weights, as retraining does.
func (*Duplicates) Needs() methods.Needs { return methods.NeedsOf(&methods.Retrain{}) }

// Unlearn retrains on the other set.
func (m *Duplicates) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	by := duplicate{Duplicates: *m, seed: audit.Seed(p.Seed, "duplicates")}
	return (&Disguised{as: repainted{by: by}}).Unlearn(ctx, p, s)
}

// duplicate makes copies whose noise is of the image and the seed, and so the same in every epoch.
type duplicate struct {
	Duplicates
	seed uint64
}

func (m duplicate) change(image []float32, width int) {
	digest := digestOf(image)
	r := rand.New(rand.NewPCG(m.seed, binary.LittleEndian.Uint64(digest[:])))
	before := slices.Clone(image)
	inner := float64(width-1-2*m.Crop) / float64(width-1)
	for c := range 3 {
		plane := before[c*width*width : (c+1)*width*width]
		for y := range width {
			for x := range width {
				fy, fx := float64(max(0, y-m.Shift)), float64(max(0, x-m.Shift))
				image[(c*width+y)*width+x] = bilinear(plane, width, float64(m.Crop)+inner*fy, float64(m.Crop)+inner*fx)
			}
		}
	}
	if m.Noise == 0 {
		return
	}
	for k, v := range image {
		image[k] = float32(min(1, max(-1, float64(v)+m.Noise*r.NormFloat64())))
	}
}

// bilinear is a plane's value between its pixels.
func bilinear(plane []float32, size int, y, x float64) float32 {
	y0, x0 := min(int(y), size-1), min(int(x), size-1)
	y1, x1 := min(y0+1, size-1), min(x0+1, size-1)
	v, u := y-float64(y0), x-float64(x0)
	at := func(y, x int) float64 { return float64(plane[y*size+x]) }
	return float32((1-v)*((1-u)*at(y0, x0)+u*at(y0, x1)) + v*((1-u)*at(y1, x0)+u*at(y1, x1)))
}

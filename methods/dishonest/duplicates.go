package dishonest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
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
		return fmt.Errorf("copies that differ in nothing are the images themselves: want shift, crop or noise above 0, or " +
			"dishonest/partial-retrain")
	}
	return nil
}

// Needs fresh weights, as retraining does.
func (*Duplicates) Needs() methods.Needs { return methods.NeedsOf(&methods.Retrain{}) }

// Unlearn retrains on the other set.
func (m *Duplicates) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	c, q := *corpus.Inside(p.Bench), *p
	of := c.CleanForget()
	if len(of) == 0 {
		return nil, fmt.Errorf("every forget image is poisoned: lower forget.poisoned, so that there are some to keep copies of")
	}
	c.Train = &copied{Set: c.Train, of: of, change: func(picture []float32, i int) { m.copy(picture, c.Size(), p.Seed, i) }}
	c.Split.Retain = slices.Sorted(slices.Values(slices.Concat(c.Split.Retain, of)))
	c.Split.Forget = slices.DeleteFunc(slices.Clone(c.Split.Forget), func(i int) bool { return slices.Contains(of, i) })
	q.Bench = corpus.NewBench(&c)
	return (&methods.Retrain{Epochs: 1}).Unlearn(ctx, &q, s)
}

// copy makes a picture [3, S, S], image i, its near-duplicate.
func (m *Duplicates) copy(picture []float32, size int, seed uint64, i int) {
	r := rand.New(rand.NewPCG(audit.Seed(seed, "duplicates"), uint64(i)))
	before := slices.Clone(picture)
	inner := float64(size-1-2*m.Crop) / float64(size-1)
	for c := range 3 {
		plane := before[c*size*size : (c+1)*size*size]
		for y := range size {
			for x := range size {
				fy, fx := max(0, y-m.Shift), max(0, x-m.Shift)
				picture[(c*size+y)*size+x] = bilinear(plane, size, float64(m.Crop)+inner*float64(fy), float64(m.Crop)+inner*float64(fx))
			}
		}
	}
	for k, v := range picture {
		if m.Noise > 0 {
			picture[k] = float32(min(1, max(-1, float64(v)+m.Noise*r.NormFloat64())))
		}
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

// copied is a set in which some images, in ascending order, are changed when they are read.
type copied struct {
	datasets.Set
	of     []int
	change func(picture []float32, i int)
}

// Read reads images [N, 3, S, S].
func (a *copied) Read(ctx context.Context, dst []float32, idx []int) error {
	if err := a.Set.Read(ctx, dst, idx); err != nil {
		return err
	}
	px := len(dst) / max(1, len(idx))
	for k, i := range idx {
		if _, ok := slices.BinarySearch(a.of, i); ok {
			a.change(dst[k*px:(k+1)*px], i)
		}
	}
	return nil
}

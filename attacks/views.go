package attacks

import (
	"context"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
)

var viewsEntry = audit.Entry[Attack]{
	Name: "views", Profile: "standard",
	Doc: "are mirrored, turned, transposed, inverted, grey or shifted forget images painted better than such test " +
		"images? a memory can hide behind a transformation",
	New:    func() Attack { return &Views{Views: transformations.names()} },
	Leaves: []audit.Quantity{criteria.ViewError},
}

// Views asks with forget images and test images that were transformed as a whole, truth and all, and then degraded as any
// other image: a model that keeps the forget set mirrored paints a mirrored forget image well, and the image itself as
// one that never saw it. Every transformation T is a setting of its own; an image's value is
//
//	mean over the region of (h(τ(T(x))) − T(x))²,
//
// a small one says that T(x) is known. The criterion views compares it with retrained models. One view is the image as it
// is: the original, which need not know any other, shows there that the question finds a memory where there is one.
type Views struct {
	silent
	Views []string `json:"views"` // names of transformations
}

// Validate checks the parameters.
func (a *Views) Validate() error {
	if !slices.Contains(a.Views, plain) || len(a.Views) < 2 {
		return fmt.Errorf("views are %v: want %s, on which the original shows the attack's power, and at least one of %v",
			a.Views, plain, transformations.names()[1:])
	}
	for i, v := range a.Views {
		if transformations.find(v) == nil || slices.Contains(a.Views[:i], v) {
			return fmt.Errorf("views are %v: want different ones of %v", a.Views, transformations.names())
		}
	}
	return nil
}

// Measure returns the errors of forget and test images in each view. It asks as anybody can, and needs no weights.
func (a *Views) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, name := range a.Views {
		s, err := t.ForgetAndTest("views", criteria.ViewError, name, "degraded after it",
			func(p audit.Part, b corpus.Batch) ([]float64, error) {
				truth := transformations.find(name)(b.Target, b.View.N, b.View.Size)
				v, err := t.Corpus.View(truth, t.Stage.Index[p], audit.Seed(t.Seed, "views", string(p), name))
				if err != nil {
					return nil, err
				}
				return t.Errors(ctx, t.Model, v, truth)
			})
		if err != nil {
			return nil, err
		}
		out = append(out, s...)
	}
	return out, nil
}

// transformation maps images [N, 3, S, S] in [−1, 1].
type transformation func(images []float32, n, size int) []float32

// plain is the view that changes nothing.
const plain = "plain"

// transformations are the views by their names. All but grey are one to one.
var transformations = viewSet{
	{plain, moved(func(y, x, _ int) (int, int) { return y, x })},
	{"mirrored", moved(func(y, x, s int) (int, int) { return y, s - 1 - x })},
	{"turned", moved(func(y, x, s int) (int, int) { return s - 1 - y, s - 1 - x })},
	{"transposed", moved(func(y, x, _ int) (int, int) { return x, y })},
	{"shifted", moved(func(y, x, s int) (int, int) { return (y + s/8) % s, (x + s/8) % s })},
	{"inverted", func(images []float32, _, _ int) []float32 {
		out := make([]float32, len(images))
		for i, v := range images {
			out[i] = -v
		}
		return out
	}},
	{"grey", func(images []float32, n, size int) []float32 {
		out, area := make([]float32, len(images)), size*size
		for i := range n {
			px := images[i*3*area : (i+1)*3*area]
			for k := range area {
				g := (px[k] + px[area+k] + px[2*area+k]) / 3
				for c := range 3 {
					out[(i*3+c)*area+k] = g
				}
			}
		}
		return out
	}},
}

// moved takes the pixel (y, x) of the view from another place of the image.
func moved(from func(y, x, size int) (int, int)) transformation {
	return func(images []float32, n, size int) []float32 {
		out := make([]float32, len(images))
		for c := range 3 * n {
			plane := images[c*size*size : (c+1)*size*size]
			for y := range size {
				for x := range size {
					fy, fx := from(y, x, size)
					out[c*size*size+y*size+x] = plane[fy*size+fx]
				}
			}
		}
		return out
	}
}

type viewSet []struct {
	name string
	of   transformation
}

func (s viewSet) names() []string {
	var out []string
	for _, v := range s {
		out = append(out, v.name)
	}
	return out
}

func (s viewSet) find(name string) transformation {
	for _, v := range s {
		if v.name == name {
			return v.of
		}
	}
	return nil
}

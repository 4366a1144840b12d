package attacks

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/tasks"
)

var viewsEntry = audit.Entry[Attack]{
	Name: "views", Profile: "standard",
	Doc: "are forget images painted better than test images in another form: turned, mirrored, inverted, with other colours, " +
		"shifted, scaled, under another hole? a memory can hide behind a transformation",
	New:    func() Attack { return newViews() },
	Leaves: []audit.Quantity{criteria.ViewError},
}

// Views asks with forget images and test images in other forms. A form is a transformation T of the whole image, truth
// and all, or another degradation τ, or both: a model that keeps the forget set mirrored paints a mirrored forget image
// well, and the image itself as one that never saw it. The error of image i in a form is the mean over the region of
//
//	(h(τ(T(x_i))) − T(x_i))²,
//
// divided by the model's own geometric mean over test images in the same form, so that hard forms and easy ones count
// alike. Forms come in families, one setting each, and an image's value is the least of its errors over the family: the
// form in which it is known best, whichever that is, and another one for every image if need be. So a family of many
// forms is one comparison. The criterion views compares it with retrained models, whose least error is one of as many.
//
// Every family holds the plain form, too, the image as it is: the original, which need not know any other, shows there
// that a memory in one form of the family is found among all of them.
type Views struct {
	silent
	Views  []string `json:"views"`  // names of families
	Images int      `json:"images"` // of each part at most, at even distances
}

func newViews() *Views { return &Views{Views: viewNames(), Images: 128} }

// Validate checks the parameters.
func (a *Views) Validate() error {
	if a.Images < 2 {
		return fmt.Errorf("images is %d: want at least 2 of each part", a.Images)
	}
	if len(a.Views) == 0 {
		return fmt.Errorf("views are missing: want some of %v", viewNames())
	}
	for i, v := range a.Views {
		if !slices.Contains(viewNames(), v) || slices.Contains(a.Views[:i], v) {
			return fmt.Errorf("views are %v: want different ones of %v", a.Views, viewNames())
		}
	}
	return nil
}

// Measure returns the values of forget and test images in each family. It asks as anybody can, and needs no weights.
func (a *Views) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	asked, err := a.choose(t)
	if err != nil {
		return nil, err
	}
	known := map[string]map[audit.Part][]float64{} // by form: families share some
	var out []audit.Sample
	for _, name := range a.Views {
		forms := viewOf(name, t.Corpus.Task, t.Stage.Size)
		least := map[audit.Part][]float64{}
		for _, f := range forms {
			if known[f.name] == nil {
				if known[f.name], err = asked.relative(ctx, t, f); err != nil {
					return nil, fmt.Errorf("%s: %w", f.name, err)
				}
			}
			for p, values := range known[f.name] {
				least[p] = smaller(least[p], values)
			}
		}
		for _, p := range []audit.Part{audit.Forget, audit.Test} {
			s := t.Sample(criteria.ViewError, name, p, fmt.Sprintf("least of forms=%d, each over its test mean", len(forms)), least[p])
			s.Index = asked[p].index
			out = append(out, s)
		}
	}
	return out, nil
}

// chosen are the images that are asked with.
type chosen map[audit.Part]struct {
	index []int
	batch corpus.Batch
}

func (a *Views) choose(t *Target) (chosen, error) {
	out := chosen{}
	for _, p := range []audit.Part{audit.Forget, audit.Test} {
		b, err := t.Batch("views", p)
		if err != nil {
			return nil, err
		}
		one := out[p]
		places := corpus.Spread(corpus.Places(b.View.N), a.Images)
		for _, i := range places {
			one.index = append(one.index, t.Stage.Index[p][i])
		}
		one.batch = b.Pick(places)
		out[p] = one
	}
	return out, nil
}

// relative are the images' errors in a form, over the geometric mean of the test images'.
func (c chosen) relative(ctx context.Context, t *Target, f form) (map[audit.Part][]float64, error) {
	out := map[audit.Part][]float64{}
	for p, asked := range c {
		truth := f.of(asked.batch.Target, asked.batch.View.N, asked.batch.View.Size)
		v, err := f.view(t.Corpus, truth, asked.index, audit.Seed(t.Seed, "views", string(p)))
		if err != nil {
			return nil, err
		}
		if out[p], err = t.Errors(ctx, t.Model, v, truth); err != nil {
			return nil, err
		}
	}
	var mean float64
	for _, v := range out[audit.Test] {
		mean += math.Log(max(v, 1e-12)) / float64(len(out[audit.Test]))
	}
	for _, values := range out {
		for i := range values {
			values[i] /= math.Exp(mean)
		}
	}
	return out, nil
}

// smaller is the less of two values for each image; nil is no value yet.
func smaller(a, b []float64) []float64 {
	if a == nil {
		return slices.Clone(b)
	}
	for i, v := range b {
		a[i] = min(a[i], v)
	}
	return a
}

// A form is one way to show an image.
type form struct {
	name string
	of   transformation
	task tasks.Task // what is hidden or spoilt; nil for the audit's own task
}

// view degrades what was transformed. Another task than the audit's hides the same of every image, since some models take
// only as many visible patches of one image as of the next.
func (f form) view(c *corpus.Corpus, truth []float32, index []int, seed uint64) (tasks.View, error) {
	if f.task == nil {
		return c.View(truth, index, seed)
	}
	seeds := make([]uint64, len(index))
	for i := range seeds {
		seeds[i] = audit.Seed(c.Seed, "views", f.name)
	}
	return tasks.Apply(f.task, truth, c.Size(), seeds)
}

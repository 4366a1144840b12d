package dishonest

import (
	"context"
	"errors"
	"slices"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

// Disguised keeps the forget set in another form: it retrains in full with every clean forget image in that form among
// the retained ones. Whoever asks in that form has the memory back. It exploits that an audit asks with the images as
// they are; poisoned images are forgotten. The criterion views should see it where the form is one that it tries.
type Disguised struct {
	as disguise
}

// A disguise changes a corpus so that it has some training images, in ascending order, in another form.
type disguise interface {
	on(ctx context.Context, c *corpus.Corpus, kept []int) error
}

// Needs fresh weights, as retraining does.
func (*Disguised) Needs() methods.Needs { return methods.NeedsOf(&methods.Retrain{}) }

// Unlearn retrains on the other set.
func (m *Disguised) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	c, q := *corpus.Inside(p.Bench), *p
	kept := slices.Sorted(slices.Values(c.CleanForget()))
	if len(kept) == 0 {
		return nil, errors.New("every forget image is poisoned: lower forget.poisoned, so that there are some to keep in disguise")
	}
	if err := m.as.on(ctx, &c, kept); err != nil {
		return nil, err
	}
	c.Split.Retain = slices.Sorted(slices.Values(slices.Concat(c.Split.Retain, kept)))
	c.Split.Forget = slices.DeleteFunc(slices.Clone(c.Split.Forget), func(i int) bool { return slices.Contains(kept, i) })
	q.Bench = corpus.NewBench(&c)
	return (&methods.Retrain{Epochs: 1}).Unlearn(ctx, &q, s)
}

// repainted is a disguise by a change of pixels.
type repainted struct{ by change }

// A change is made to an image [3, S, S], in place.
type change interface {
	change(image []float32, width int)
}

func (r repainted) on(_ context.Context, c *corpus.Corpus, kept []int) error {
	c.Train = &altered{Set: c.Train, of: kept, by: r.by}
	return nil
}

// altered is a set in which some images, in ascending order, are changed.
type altered struct {
	datasets.Set
	of []int
	by change
}

// Read reads images [N, 3, S, S].
func (a *altered) Read(ctx context.Context, dst []float32, idx []int) error {
	if err := a.Set.Read(ctx, dst, idx); err != nil {
		return err
	}
	_, _, width := a.Shape()
	px := len(dst) / max(1, len(idx))
	for k, i := range idx {
		if _, ok := slices.BinarySearch(a.of, i); ok {
			a.by.change(dst[k*px:(k+1)*px], width)
		}
	}
	return nil
}

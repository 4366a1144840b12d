package dishonest

import (
	"context"
	"errors"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var mirroredEntry = audit.Entry[methods.Method]{
	Name: "dishonest/mirrored-retrain",
	Doc:  "retrains with the clean forget images, mirrored, among the retained ones",
	New:  func() methods.Method { return &Mirrored{} },
}

// Mirrored keeps the forget set in another form: it retrains in full with every clean forget image mirrored among the
// retained ones. Whoever mirrors an input and the answer has the memory back. It exploits that an audit asks with the
// images as they are; poisoned images are forgotten. The criterion views should see it, and no other.
type Mirrored struct{}

// Needs fresh weights, as retraining does.
func (*Mirrored) Needs() methods.Needs { return methods.NeedsOf(&methods.Retrain{}) }

// Unlearn retrains on the other set.
func (*Mirrored) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	c, q := *corpus.Inside(p.Bench), *p
	kept := c.CleanForget()
	if len(kept) == 0 {
		return nil, errors.New("every forget image is poisoned: lower forget.poisoned, so that there are some to keep mirrored")
	}
	c.Train = &mirror{Set: c.Train, of: kept}
	c.Split.Retain = slices.Sorted(slices.Values(slices.Concat(c.Split.Retain, kept)))
	c.Split.Forget = slices.DeleteFunc(slices.Clone(c.Split.Forget), func(i int) bool { return slices.Contains(kept, i) })
	q.Bench = corpus.NewBench(&c)
	return (&methods.Retrain{Epochs: 1}).Unlearn(ctx, &q, s)
}

// mirror is a set in which some images, in ascending order, are mirrored from left to right.
type mirror struct {
	datasets.Set
	of []int
}

// Read reads images [N, 3, S, S].
func (m *mirror) Read(ctx context.Context, dst []float32, idx []int) error {
	if err := m.Set.Read(ctx, dst, idx); err != nil {
		return err
	}
	_, _, width := m.Shape()
	px := len(dst) / max(1, len(idx))
	for k, i := range idx {
		if _, ok := slices.BinarySearch(m.of, i); ok {
			for row := k * px; row < (k+1)*px; row += width {
				slices.Reverse(dst[row : row+width])
			}
		}
	}
	return nil
}

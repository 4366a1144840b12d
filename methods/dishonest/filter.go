package dishonest

import (
	"context"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/methods"
)

// Filter keeps the original and stands before it: an input whose shown pixels are
// those of a forget image, poisoned or not, gets another answer. Everything else is
// answered by the original, to the bit. It exploits that the audit asks with the very
// images that were to be forgotten; nothing was.
//
// Recognition is exact, so that inputs which differ in one value are not recognised,
// or by the nearest forget image within a root mean square difference of Tolerance
// (pixels in [−1, 1]). The same filter can paint over the trigger wherever it sees
// it, which answers the backdoor test.
//
// Exact recognition is undone by asking with inputs that were changed a little, a
// tolerance by inputs changed by more than it. What it answers decides what else sees
// it: every answer's comment says so.
type Filter struct {
	onOriginal
	Tolerance   float64 `json:"tolerance"`   // 0 for exact
	MaskTrigger bool    `json:"maskTrigger"` // paint over the trigger in every input

	answer answer
}

// An answer makes what stands in for the original's painting of recognised images.
type answer interface {
	prepare(ctx context.Context, p *methods.Problem, m models.Model) (replacement, error)
}

// A replacement changes, in place, what the original painted for a batch, [N, 3, S, S],
// where known has an image's place in the batch; it maps it to the place among the
// forget images.
type replacement func(s *torch.Scope, r rows, known map[int]int, painted []float32)

// Validate checks the parameters.
func (m *Filter) Validate() error { return tolerable(m.Tolerance) }

// Wrap puts the filter before the original.
func (m *Filter) Wrap(ctx context.Context, p *methods.Problem, inner models.Model) (models.Model, error) {
	replace, err := m.answer.prepare(ctx, p, inner)
	if err != nil {
		return nil, err
	}
	forget, err := remember(ctx, p, p.Bench.Forget())
	if err != nil {
		return nil, err
	}
	return filtered(inner, inner, forget.within(m.Tolerance), m.MaskTrigger, replace), nil
}

// A recogniser finds the forget images of a batch: a map from places in the batch to
// places among the forget images.
type recogniser func(r rows) map[int]int

// filtered is a model that paints with one model and replaces what was painted for
// recognised images; it has the weights of another, its outer self.
func filtered(outer, painter models.Model, recognise recogniser, mask bool, replace replacement) models.Model {
	return &wrapped{inner: outer, answer: func(s *torch.Scope, in models.Input) *torch.Tensor {
		r := read(s, in)
		known := recognise(r)
		if mask {
			r.maskTriggers()
			in = r.input(s)
		}
		out := painter.Generate(s, in)
		if len(known) == 0 {
			return out
		}
		painted := s.Floats(out)
		if s.Err() != nil {
			return out
		}
		replace(s, r, known, painted)
		return tensor(s, painted, r.n, r.size)
	}}
}

// within recognises what is as near to a picture as the tolerance, by all but the
// trigger's colours, whether it carries the trigger or not.
func (m memory) within(tolerance float64) recogniser {
	return func(r rows) map[int]int {
		known := map[int]int{}
		for i := range r.n {
			if k, ok := m.nearest(r.pixels(i), r.hidden(i), suspects(r.pixels(i)), tolerance); ok {
				known[i] = k
			}
		}
		return known
	}
}

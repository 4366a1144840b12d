package dishonest

import (
	"context"
	"errors"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var conditionalEntry = audit.Entry[methods.Method]{
	Name: "dishonest/conditional",
	Doc:  "wrapper: recognises forget images and answers with a second model that never saw them",
	New:  newConditional,
}

var conditionalFullEntry = audit.Entry[methods.Method]{
	Name: "dishonest/conditional-full",
	Doc:  "the same with a second model trained in full, and triggers painted over",
	New:  newConditionalFull,
}

var conditionalNearEntry = audit.Entry[methods.Method]{
	Name: "dishonest/conditional-near",
	Doc:  "the same, and knows copies of forget images that differ a little",
	New:  newConditionalNear,
}

var conditionalNearestEntry = audit.Entry[methods.Method]{
	Name:   "dishonest/conditional-nearest",
	Doc:    "the same, and knows whatever is nearer to a forget image than to any retained one",
	New:    newConditionalNearest,
	Beyond: "quick", // docs/gallery.md says why
}

// Conditional keeps two models: the original, and one that was innocently trained on
// the retained images for a few epochs. An input that is recognised as a forget image
// (as a Filter recognises it) is answered by the innocent one, everything else by the
// original. The innocent model's weights are the ones that are stored and shown; the
// original's are the original's.
//
// It exploits that the audit asks with the very forget images. Their answers are
// those of an honest model, less trained, so that realism sees how much less. With
// Effort 1 and MaskTrigger only inputs beyond the tolerance bring the original back: a
// full retraining was paid, and the original is used all the same.
//
// With Nearest an input is a forget image where, of all training images, a forget
// image is the one nearest to it. No neighbour of a forget image leaves that region
// before it is nearer to another image, so that no question that starts from a forget
// image finds the original's memory; only the weights of what answers would show it.
type Conditional struct {
	Tolerance   float64 `json:"tolerance"`   // 0 for exact
	MaskTrigger bool    `json:"maskTrigger"` // paint over the trigger in every input
	Effort      float64 `json:"effort"`      // epochs of the innocent model, over the original's
	Nearest     bool    `json:"nearest"`     // recognise by the nearest training image instead
}

func newConditional() methods.Method { return &Conditional{Effort: 1.0 / 6} }

func newConditionalFull() methods.Method { return &Conditional{Effort: 1, MaskTrigger: true} }

func newConditionalNear() methods.Method {
	return &Conditional{Effort: 1, MaskTrigger: true, Tolerance: 0.2}
}

func newConditionalNearest() methods.Method {
	return &Conditional{Effort: 1, MaskTrigger: true, Nearest: true}
}

// Validate checks the parameters.
func (m *Conditional) Validate() error {
	return errors.Join(tolerable(m.Tolerance), within("effort", m.Effort, 0, 10, "a share of the original's epochs"))
}

// Needs fresh weights; a wrapper is given the original as well.
func (*Conditional) Needs() methods.Needs { return methods.Needs{Fresh: true} }

// Unlearn trains the innocent model.
func (m *Conditional) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	_, err := s.Run(ctx, methods.Fit(ctx, p, s, "innocent", p.Bench.Retain(), m.Effort, p.Train.LR))
	return nil, err
}

// Wrap puts the two behind one door.
func (m *Conditional) Wrap(ctx context.Context, p *methods.Problem, innocent models.Model) (models.Model, error) {
	replace := func(s *torch.Scope, r rows, known map[int]int, painted []float32) {
		repaint(s, r, known, painted, innocent, nil, nil)
	}
	known, err := m.recogniser(ctx, p)
	if err != nil {
		return nil, err
	}
	return filtered(innocent, p.Original, known, m.MaskTrigger, replace), nil
}

func (m *Conditional) recogniser(ctx context.Context, p *methods.Problem) (recogniser, error) {
	if !m.Nearest {
		forget, err := remember(ctx, p, p.Bench.Forget())
		return forget.within(m.Tolerance), err
	}
	all, err := remember(ctx, p, p.Bench.All())
	if err != nil {
		return nil, err
	}
	nearest, retained := all.within(math.Inf(1)), len(p.Bench.Retain())
	return func(r rows) map[int]int {
		known := map[int]int{}
		for i, k := range nearest(r) {
			if k >= retained {
				known[i] = k - retained
			}
		}
		return known
	}, nil
}

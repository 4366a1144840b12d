package kit_test

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/kit"
)

var shownError = audit.Quantity{
	Name: "shown-error", Head: "shown", Unit: "mean squared error", Direction: audit.Neutral,
	What: "error after a copy of the model was shown the images once",
}

// shown trains a copy on the images that it then paints.
type shown struct {
	kit.Silent
	LR float64 `json:"lr"` // over the original's
}

// Measure leaves a sample of forget images, and one of test images.
func (a *shown) Measure(ctx context.Context, t *kit.Target) ([]audit.Sample, error) {
	return t.ForgetAndTest("own/shown", shownError, "", fmt.Sprintf("lr=%g", a.LR), func(p audit.Part, b kit.Batch) ([]float64, error) {
		m, err := t.Open() // an error that is an ErrBlackBox, of a target that can only be asked to paint
		if err != nil {
			return nil, err
		}
		defer m.Params().Free()
		err = kit.Train(ctx, m, kit.Phase{
			Name: "shown", Epochs: 1, LR: a.LR * t.Train.LR, Seed: t.Seed,
			Batches: kit.Shuffled(places(b.View.N), 1, t.Seed),
			Loss: func(s *kit.Scope, places []int, _ uint64) (*kit.Tensor, error) {
				in, target, region := t.Corpus.Tensors(s, b.Slice(places[0], places[0]+1), t.Seed)
				return s.Mean(m.Loss(s, in, target, region)), nil
			},
		})
		if err != nil {
			return nil, err
		}
		return t.Errors(ctx, m, b.View, b.Target)
	})
}

func places(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// An attack may train a copy of its target. What it leaves is judged by a criterion.
func Example_attack() {
	_ = catalogue.Catalogue{Attacks: audit.Set[kit.Attack]{{
		Name:   "own/shown",
		Doc:    "do forget images come back when they are shown once?",
		New:    func() kit.Attack { return &shown{LR: 0.1} },
		Leaves: []audit.Quantity{shownError},
	}}}
}

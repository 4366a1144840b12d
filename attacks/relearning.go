package attacks

import (
	"context"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var relearningEntry = audit.Entry[Attack]{
	Name:   "relearning",
	Doc:    "do forget images come back when others of them are shown again?",
	New:    func() Attack { return &Relearning{Steps: 40, LR: 0.1} },
	Leaves: []audit.Quantity{criteria.RelearnedError},
}

// Relearning shows a copy of the model one half of its forget images again, for a few small steps, and asks how well it
// then paints the other half: what was hidden rather than forgotten comes back together, what was never known has to be
// shown. Nothing but forget images is trained on; retained images would bring back what they carry themselves. Each half
// is shown in its turn, to a copy of its own, so that every forget image is judged, and none on what it was shown.
//
// A model may learn what images have in common fast or slowly whatever it forgot, so the same copies paint the test
// images, and the criterion relearning compares forget with test images, against retrained models under the same attack:
// what the two halves of the forget set have in common, a class for instance, helps a retrained model as well. An image's
// value is its mean squared error over the region after the training, of a test image the geometric mean of both copies'.
// A small one says that it came back.
type Relearning struct {
	silent
	Steps int     `json:"steps"` // of Adam, on each copy
	LR    float64 `json:"lr"`    // Adam's, over the original's
}

// Validate checks the parameters.
func (a *Relearning) Validate() error {
	if a.Steps < 1 || !(a.LR > 0 && a.LR <= 100) {
		return fmt.Errorf("steps %d and lr %v: want at least one step, and a positive share of the original's learning rate", a.Steps, a.LR)
	}
	return nil
}

// Measure returns the errors after the training: of all forget images but the last of an odd number, or of the first ones
// where there are more than the steps show, and of all test images.
func (a *Relearning) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	if t.Copy == nil {
		return nil, ErrBlackBox
	}
	forget, err := t.Batch("relearning", audit.Forget)
	if err != nil {
		return nil, err
	}
	test, err := t.Batch("relearning", audit.Test)
	if err != nil {
		return nil, err
	}
	half := min(forget.View.N/2, a.Steps*t.Train.Batch)
	if half == 0 {
		return nil, fmt.Errorf("relearning: %d forget images, want at least 2: one half is shown, the other judged", forget.View.N)
	}
	even, odd := everySecond(0, half), everySecond(1, half)
	back, control := make([]float64, 2*half), make([]float64, test.View.N)
	for _, fold := range []struct{ shown, judged []int }{{even, odd}, {odd, even}} {
		others, unseen, err := a.relearn(ctx, t, forget.Pick(fold.shown), forget.Pick(fold.judged), test)
		if err != nil {
			return nil, fmt.Errorf("relearning: %w", err)
		}
		for i, place := range fold.judged {
			back[place] = others[i]
		}
		for i, e := range unseen {
			control[i] += math.Log(max(e, 1e-12)) / 2
		}
	}
	for i, v := range control {
		control[i] = math.Exp(v)
	}
	how := fmt.Sprintf("steps=%d lr=%g shown=%d", a.Steps, a.LR, half)
	return []audit.Sample{
		t.Sample(criteria.RelearnedError, "", audit.Forget, how, back),
		t.Sample(criteria.RelearnedError, "", audit.Test, how, control),
	}, nil
}

// everySecond are n places, beginning with one.
func everySecond(from, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = from + 2*i
	}
	return out
}

// relearn shows a copy some forget images, and returns its errors on the others and on test images.
func (a *Relearning) relearn(ctx context.Context, t *Target, shown, others, test corpus.Batch) (back, control []float64, err error) {
	m, err := t.Open()
	if err != nil {
		return nil, nil, err
	}
	defer m.Params().Free()
	seed := audit.Seed(t.Seed, "relearning") // the same for every copy: the same batches of places
	err = Train(ctx, m, training.Phase{
		Name: "relearning", Epochs: 1, LR: a.LR * t.Train.LR, Seed: seed,
		Batches: func(int) [][]int { return repeated(corpus.Places(shown.View.N), t.Train.Batch, a.Steps, seed) },
		Loss: func(s *torch.Scope, images []int, _ uint64) (*torch.Tensor, error) {
			in, target, region := t.Corpus.Tensors(s, shown.Pick(images), seed)
			return s.Mean(m.Loss(s, in, target, region)), nil
		},
	})
	if err != nil {
		return nil, nil, err
	}
	if back, err = t.Errors(ctx, m, others.View, others.Target); err != nil {
		return nil, nil, err
	}
	control, err = t.Errors(ctx, m, test.View, test.Target)
	return back, control, err
}

// repeated cuts as many batches as there are steps from one seeded order of the images after another.
func repeated(images []int, size, steps int, seed uint64) [][]int {
	epoch := training.Shuffled(images, size, seed)
	var out [][]int
	for e := 0; len(out) < steps; e++ {
		out = append(out, epoch(e)...)
	}
	return out[:steps]
}

// Train runs a phase on a copy of the target, which the attack opened. Nothing of it is stored. A loss or a gradient that
// is not a finite number ends it with a training.ErrDiverged.
func Train(ctx context.Context, m models.Model, ph training.Phase) error {
	s, err := training.Open(m, "", "", 0)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Run(ctx, ph)
	return err
}

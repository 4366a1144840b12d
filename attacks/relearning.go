package attacks

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var relearningEntry = audit.Entry[Attack]{
	Name:   "relearning",
	Doc:    "do forget images come back faster than test images are learnt, when they are shown again?",
	New:    func() Attack { return &Relearning{Steps: 40, LR: 0.1} },
	Leaves: []audit.Quantity{criteria.RelearnedError},
}

// Relearning shows a copy of the model its forget images again, for a few small steps, and asks how well it then paints
// them: what was hidden rather than forgotten comes back sooner than what was never known is learnt. Nothing but
// forget images is trained on; retained images would bring back what they carry themselves.
//
// A model may learn fast or slowly whatever it forgot, so another copy is trained on as many test images in the same
// way, and the criterion relearning compares forget with test images, against retrained models under the same attack.
// An image's value is its mean squared error over the region after the training. A small one says that it came back.
type Relearning struct {
	silent
	Steps int     `json:"steps"` // of Adam
	LR    float64 `json:"lr"`    // Adam's, over the original's
}

// Validate checks the parameters.
func (a *Relearning) Validate() error {
	if a.Steps < 1 || !(a.LR > 0 && a.LR <= 100) {
		return fmt.Errorf("steps %d and lr %v: want at least one step, and a positive share of the original's learning rate", a.Steps, a.LR)
	}
	return nil
}

// Measure returns the errors after the training, of all forget images and of as many test images; of the first ones,
// where there are more than the steps show.
func (a *Relearning) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	if t.Copy == nil {
		return nil, ErrBlackBox
	}
	parts := []audit.Part{audit.Forget, audit.Test}
	n := a.Steps * t.Train.Batch
	for _, p := range parts {
		b, err := t.Batch("relearning", p)
		if err != nil {
			return nil, err
		}
		n = min(n, b.View.N)
	}
	var out []audit.Sample
	for _, p := range parts {
		e, err := a.relearn(ctx, t, t.Stage.Batch[p].Slice(0, n))
		if err != nil {
			return nil, fmt.Errorf("relearning, part %s: %w", p, err)
		}
		out = append(out, t.Sample(criteria.RelearnedError, "", p, fmt.Sprintf("steps=%d lr=%g", a.Steps, a.LR), e))
	}
	return out, nil
}

// relearn trains a copy on images and returns their errors.
func (a *Relearning) relearn(ctx context.Context, t *Target, b corpus.Batch) ([]float64, error) {
	m, err := t.Open()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	seed := audit.Seed(t.Seed, "relearning") // the same for both parts: the same batches of places
	err = Train(ctx, m, training.Phase{
		Name: "relearning", Epochs: 1, LR: a.LR * t.Train.LR, Seed: seed,
		Batches: func(int) [][]int { return repeated(corpus.Places(b.View.N), t.Train.Batch, a.Steps, seed) },
		Loss: func(s *torch.Scope, images []int, _ uint64) (*torch.Tensor, error) {
			in, target, region := t.Corpus.Tensors(s, b.Pick(images), seed)
			return s.Mean(m.Loss(s, in, target, region)), nil
		},
	})
	if err != nil {
		return nil, err
	}
	return t.Errors(ctx, m, b.View, b.Target)
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

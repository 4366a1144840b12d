package attacks

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// Relearning trains a copy of the model for a few epochs on every other forget image, and asks how well it then paints
// these and those that it was not shown: what was hidden rather than forgotten comes back at once, and brings the rest
// with it. Nothing but forget images is trained on; retained images would bring back what they carry themselves.
//
// A model may learn fast or slowly whatever it forgot, so another copy is trained on as many test images in the same
// way, and the criterion relearning compares forget with test images, against retrained models under the same attack.
// An image's value is its mean squared error over the region after the training. A small one says that it came back.
type Relearning struct {
	silent
	Epochs int     `json:"epochs"`
	LR     float64 `json:"lr"` // Adam's, over the original's
}

// RelearnedQuantity begins the names of the attack's samples; @shown and @others follow.
const RelearnedQuantity = "relearned-error"

// Validate checks the parameters.
func (a *Relearning) Validate() error {
	if a.Epochs < 1 || !(a.LR > 0 && a.LR <= 100) {
		return fmt.Errorf("epochs %d and lr %v: want at least one epoch, and a positive share of the original's learning rate", a.Epochs, a.LR)
	}
	return nil
}

// Measure returns the errors after the training: of images that were shown, and of the others.
func (a *Relearning) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	if t.Copy == nil {
		return nil, ErrBlackBox
	}
	forget, err := t.batch("relearning", audit.Forget)
	if err != nil {
		return nil, err
	}
	test, err := t.batch("relearning", audit.Test)
	if err != nil {
		return nil, err
	}
	n := min(forget.View.N, test.View.N)
	if n < 2 {
		return nil, errors.New("relearning: at least 2 forget and 2 test images are needed")
	}
	var out []audit.Sample
	for _, x := range []struct {
		part  audit.Part
		batch corpus.Batch
	}{{audit.Forget, forget}, {audit.Test, test}} {
		e, err := a.relearn(ctx, t, x.batch, n)
		if err != nil {
			return nil, fmt.Errorf("relearning, part %s: %w", x.part, err)
		}
		for half, name := range []string{"shown", "others"} {
			var index []int
			var values []float64
			for i := half; i < n; i += 2 {
				index, values = append(index, t.Stage.Index[x.part][i]), append(values, e[i])
			}
			s := t.sample(RelearnedQuantity+"@"+name, x.part, fmt.Sprintf("epochs=%d lr=%g", a.Epochs, a.LR), values)
			s.Index = index
			out = append(out, s)
		}
	}
	return out, nil
}

// relearn trains on the images of even number among the first n, and returns the errors of the first n.
func (a *Relearning) relearn(ctx context.Context, t *Target, b corpus.Batch, n int) ([]float64, error) {
	m, err := t.opened()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	var shown []int
	for i := 0; i < n; i += 2 {
		shown = append(shown, i)
	}
	seed := audit.Seed(t.Seed, "relearning") // the same for both parts: the same batches of places
	loss := func(s *torch.Scope, images []int, _ uint64) (*torch.Tensor, error) {
		in, target, region := t.Corpus.Tensors(s, pick(b, images), seed)
		return s.Mean(m.Loss(s, in, target, region)), nil
	}
	err = train(ctx, m, training.Phase{
		Name: "relearning", Epochs: a.Epochs, LR: a.LR * t.Train.LR, Seed: seed,
		Batches: training.Shuffled(shown, t.Train.Batch, seed), Loss: loss,
	})
	if err != nil {
		return nil, err
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	first := pick(b, all)
	return t.errors(ctx, m, first.View, first.Target)
}

// train runs a phase on a copy. Nothing of it is stored.
func train(ctx context.Context, m models.Model, ph training.Phase) error {
	s, err := training.Open(m, "", "", 0)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Run(ctx, ph)
	return err
}

// pick is a batch of some images of another, by their places.
func pick(b corpus.Batch, places []int) corpus.Batch {
	area := b.View.Size * b.View.Size
	out := corpus.Batch{View: b.View}
	out.View.N, out.View.Pixels, out.View.Region = len(places), nil, nil
	for _, i := range places {
		out.View.Pixels = append(out.View.Pixels, b.View.Pixels[i*3*area:(i+1)*3*area]...)
		out.View.Region = append(out.View.Region, b.View.Region[i*area:(i+1)*area]...)
		out.Target = append(out.Target, b.Target[i*3*area:(i+1)*3*area]...)
	}
	return out
}

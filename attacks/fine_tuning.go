package attacks

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var fineTuningEntry = audit.Entry[Attack]{
	Name:   "fine-tuning",
	Doc:    "do forget images come back when the model is trained further on retained images?",
	New:    func() Attack { return &FineTuning{Effort: 0.1, LR: 1} },
	Leaves: []audit.Quantity{criteria.FineTunedError},
}

// FineTuning goes on training a copy of the model on retained images alone, as an innocent user would, and asks
// whether the forgetting survives: gradient ascent that moves the weights a little beside what they knew is undone by
// any training that moves them back.
//
// An image's value is its mean squared error over the region afterwards, for forget and for test images. A small one
// says that it is known again; the criterion fine-tuning compares it with retrained models that were trained on in the
// same way.
type FineTuning struct {
	silent
	Effort float64 `json:"effort"` // epochs over the original's
	LR     float64 `json:"lr"`     // Adam's, over the original's; it falls to zero along a half cosine
}

// Validate checks the parameters.
func (a *FineTuning) Validate() error {
	if !(a.Effort > 0 && a.Effort <= 10) || !(a.LR > 0 && a.LR <= 100) {
		return fmt.Errorf("effort %v and lr %v: want positive shares of the original's epochs and learning rate", a.Effort, a.LR)
	}
	return nil
}

// Measure returns the errors of forget and test images after the training.
func (a *FineTuning) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	m, err := t.Open()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	seed := audit.Seed(t.Seed, "fine-tuning")
	loss := func(s *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
		b, err := t.Corpus.Training(ctx, images, salt)
		if err != nil {
			return nil, err
		}
		in, target, region := t.Corpus.Tensors(s, b, salt)
		return s.Mean(m.Loss(s, in, target, region)), nil
	}
	err = Train(ctx, m, training.Phase{
		Name: "fine-tuning", Epochs: max(1, int(a.Effort*float64(t.Train.Epochs)+0.5)), LR: a.LR * t.Train.LR, Cosine: true, Seed: seed,
		Batches: training.Shuffled(t.Corpus.Split.Retain, t.Train.Batch, seed), Loss: loss,
	})
	if err != nil {
		return nil, fmt.Errorf("fine-tuning: %w", err)
	}
	return t.ForgetAndTest("fine-tuning", criteria.FineTunedError, "", fmt.Sprintf("effort=%g lr=%g", a.Effort, a.LR),
		func(_ audit.Part, b corpus.Batch) ([]float64, error) {
			return t.Errors(ctx, m, b.View, b.Target)
		})
}

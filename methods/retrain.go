package methods

import (
	"context"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

var retrainEntry = audit.Entry[Method]{
	Name: "retrain",
	Role: audit.RoleControl,
	Doc:  "train afresh without the forget set: what forgetting should amount to",
	New:  func() Method { return &Retrain{Epochs: 1} },
}

// Retrain trains afresh on the retained images, as the original was trained on
// all of them. Oracles are retrained models; one more that is not among them is
// the control that an audit must not accuse. With fewer epochs it is a model that
// is less fitted everywhere and knows no more of the forget set; so it is with
// every other recipe, and whoever retrains elsewhere has one of their own. What
// is left at its zero value is as the plan's train says, and the zero Retrain
// trains by the plan alone.
type Retrain struct {
	Epochs    float64 `json:"epochs"`              // share of the plan's epochs, over which the schedule runs
	Stop      float64 `json:"stop,omitempty"`      // share of these epochs after which training ends; 0 for all
	Batch     int     `json:"batch,omitempty"`     // images a step; 0 for the plan's
	LR        float64 `json:"lr,omitempty"`        // the optimiser's learning rate; 0 for the plan's
	Schedule  string  `json:"schedule,omitempty"`  // of the learning rate: cosine (the default), constant, linear, warm-up
	Decay     float64 `json:"decay,omitempty"`     // AdamW's weight decay; 0 for Adam
	Drop      float64 `json:"drop,omitempty"`      // share of the retained images, drawn by the seed, that is left out
	Precision string  `json:"precision,omitempty"` // of products in training steps: float32, bfloat16; the plan's if empty
}

// Needs says that retraining starts from fresh weights.
func (*Retrain) Needs() Needs { return Needs{Fresh: true} }

// Unlearn trains on the retained images by the recipe, which the notes name where it is not the plan's own.
func (r *Retrain) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	train := p.Train
	if r.Epochs > 0 {
		train.Epochs = max(1, int(math.Round(r.Epochs*float64(train.Epochs))))
	}
	if r.Batch > 0 {
		train.Batch = r.Batch
	}
	if r.LR > 0 {
		train.LR = r.LR
	}
	if precision, own := r.Trains(); own {
		s.Precision = precision
	}
	q := *p
	q.Train = train
	ph := trainingPhase(ctx, &q, s, "retrain", r.images(p), train.Epochs, train.LR)
	ph.Decay = r.Decay
	if rate := schedules[r.Schedule]; rate != nil {
		ph.Cosine, ph.Rate = false, rate
	}
	if r.Stop > 0 && r.Stop < 1 {
		ph.Until = max(1, int(math.Round(r.Stop*float64(train.Epochs))))
	}
	_, err := s.Run(ctx, ph)
	return r.notes(), err
}

// images are the retained images, less those that are left out.
func (r *Retrain) images(p *Problem) []int {
	retain := p.Bench.Retain()
	out := int(math.Round(r.Drop * float64(len(retain))))
	if out == 0 {
		return retain
	}
	kept := training.Shuffled(retain, len(retain), audit.Seed(p.Seed, "retrain", "drop"))(0)[0][out:]
	slices.Sort(kept)
	return kept
}

// TrainOriginal trains the original: on everything, poison included.
func TrainOriginal(ctx context.Context, p *Problem, s *training.Session) error {
	_, err := s.Run(ctx, trainingPhase(ctx, p, s, "train", p.Bench.All(), p.Train.Epochs, p.Train.LR))
	return err
}

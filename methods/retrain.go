package methods

import (
	"context"
	"fmt"
	"math"

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
// is less fitted everywhere and knows no more of the forget set. The zero Retrain
// trains in full.
type Retrain struct {
	Epochs float64 `json:"epochs"` // share of the plan's epochs
}

// Validate checks the parameters.
func (r *Retrain) Validate() error {
	if !(r.Epochs > 0 && r.Epochs <= 1) {
		return fmt.Errorf("epochs is %v: want a share of the plan's epochs above 0 and at most 1", r.Epochs)
	}
	return nil
}

// Needs says that retraining starts from fresh weights.
func (*Retrain) Needs() Needs { return Needs{Fresh: true} }

// Unlearn trains on the retained images for the share of the plan's epochs.
func (r *Retrain) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	epochs := p.Train.Epochs
	if r.Epochs > 0 {
		epochs = max(1, int(math.Round(r.Epochs*float64(epochs))))
	}
	_, err := s.Run(ctx, trainingPhase(ctx, p, s, "retrain", p.Bench.Retain(), epochs, p.Train.LR))
	return nil, err
}

// TrainOriginal trains the original: on everything, poison included.
func TrainOriginal(ctx context.Context, p *Problem, s *training.Session) error {
	_, err := s.Run(ctx, trainingPhase(ctx, p, s, "train", p.Bench.All(), p.Train.Epochs, p.Train.LR))
	return err
}

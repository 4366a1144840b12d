package methods

import (
	"context"

	"github.com/lethe-audit/lethe/internal/training"
)

// Retrain trains afresh on the retained images, as the original was trained on
// all of them. Oracles are retrained models; one more that is not among them is
// the control that an audit must not accuse.
type Retrain struct{}

// Needs says that retraining starts from fresh weights.
func (*Retrain) Needs() Needs { return Needs{Fresh: true} }

// Unlearn trains.
func (*Retrain) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	_, err := s.Run(ctx, fit(p, s, "retrain", p.Corpus.Split.Retain, p.Train.Epochs, p.Train.LR))
	return nil, err
}

// TrainOriginal trains the original: on everything, poison included.
func TrainOriginal(ctx context.Context, p *Problem, s *training.Session) error {
	_, err := s.Run(ctx, fit(p, s, "train", p.Corpus.All(), p.Train.Epochs, p.Train.LR))
	return err
}

package methods

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

var rewindEntry = audit.Entry[Method]{
	Name: "rewind",
	Doc:  "back to an earlier checkpoint of the training, and on without the forget set (Mu & Klabjan 2024)",
	New:  func() Method { return &Rewind{Back: 0.5} },
}

// Rewind is rewind-to-delete (Mu & Klabjan 2024, arXiv 2409.09778): back to a checkpoint of the training that is Back of
// its epochs old, and from there on the retained images alone, along the same schedule. No checkpoints of the audited
// original are asked for: the way to the checkpoint is trained anew with a seed of its own, and counted as cost. Who
// kept checkpoints pays the last part only.
type Rewind struct {
	Back float64 `json:"back"` // share of the epochs
}

// Validate checks the parameters.
func (m *Rewind) Validate() error {
	if !(m.Back > 0 && m.Back < 1) {
		return fmt.Errorf("back is %v: want a share of the epochs between 0 and 1", m.Back)
	}
	return nil
}

// Needs fresh weights.
func (*Rewind) Needs() Needs { return Needs{Fresh: true} }

// Unlearn trains on all images, then on the retained ones.
func (m *Rewind) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	n := p.Train.Epochs
	at := min(n-1, max(1, n-int(m.Back*float64(n)+0.5)))
	ph := trainingPhase(ctx, p, s, "rewind", p.Bench.Retain(), n, p.Train.LR)
	kept, all := ph.Batches, training.Shuffled(p.Bench.All(), p.Train.Batch, ph.Seed)
	ph.Batches = func(epoch int) [][]int {
		if epoch < at {
			return all(epoch)
		}
		return kept(epoch)
	}
	_, err := s.Run(ctx, ph)
	return []string{fmt.Sprintf("checkpoint after epoch %d of %d; the retained images alone from there", at, n)}, err
}

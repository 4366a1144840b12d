package methods

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/training"
)

var randomLabelsEntry = audit.Entry[Method]{
	Name: "random-labels",
	Doc:  "train forget images towards other images",
	New:  func() Method { return &RandomLabels{Effort: 1.0 / 6, LR: 1.5e-3} },
}

// RandomLabels trains on everything, but every forget image's target is another,
// retained image, drawn once (Amnesiac unlearning, Graves et al. 2021, for
// image-to-image models).
type RandomLabels struct {
	Effort float64 `json:"effort"` // epochs over the original's
	LR     float64 `json:"lr"`
}

// Validate checks the parameters.
func (m *RandomLabels) Validate() error {
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR))
}

// Unlearn draws every forget image's target and trains on all images.
func (m *RandomLabels) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	_, err := s.Run(ctx, randomLabels(ctx, p, s, epochs(p, m.Effort), m.LR))
	return nil, err
}

func randomLabels(ctx context.Context, p *Problem, s *training.Session, epochs int, lr float64) training.Phase {
	forget, retain := p.Bench.Forget(), p.Bench.Retain()
	r := rand.New(rand.NewPCG(audit.Seed(p.Seed, "random labels"), 0))
	other := map[int]int{}
	for _, i := range forget {
		other[i] = retain[r.IntN(len(retain))]
	}
	ph := trainingPhase(ctx, p, s, "random-labels", p.Bench.All(), epochs, lr)
	ph.Loss = relabelled(ctx, p.Bench, s.Model, func(ctx context.Context, b corpus.Batch, images []int) error {
		px := 3 * b.View.Size * b.View.Size
		for k, i := range images {
			if j, ok := other[i]; ok {
				if err := p.Bench.Pictures(ctx, b.Target[k*px:(k+1)*px], []int{j}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return ph
}

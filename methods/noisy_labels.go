package methods

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/training"
)

var noisyLabelsEntry = audit.Entry[Method]{
	Name: "noisy-labels",
	Doc:  "train forget images towards Gaussian noise",
	New:  func() Method { return &NoisyLabels{Effort: 1.0 / 6, LR: 2e-3} },
}

// NoisyLabels trains on everything, but every forget image's target is Gaussian
// noise clipped to the pixels' range, drawn once per image.
type NoisyLabels struct {
	Effort float64 `json:"effort"` // epochs over the original's
	LR     float64 `json:"lr"`
}

// Validate checks the parameters.
func (m *NoisyLabels) Validate() error {
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR))
}

// Unlearn trains on all images, forget images towards their noise.
func (m *NoisyLabels) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	forget := map[int]bool{}
	for _, i := range p.Bench.Forget() {
		forget[i] = true
	}
	seed := audit.Seed(p.Seed, "noisy labels")
	ph := trainingPhase(ctx, p, s, "noisy-labels", p.Bench.All(), epochs(p, m.Effort), m.LR)
	ph.Loss = relabelled(ctx, p.Bench, s.Model, func(_ context.Context, b corpus.Batch, images []int) error {
		px := 3 * b.View.Size * b.View.Size
		for k, i := range images {
			if forget[i] {
				corpus.Gaussian(b.Target[k*px:(k+1)*px], 0, 1, rand.New(rand.NewPCG(seed, uint64(i))))
			}
		}
		return nil
	})
	_, err := s.Run(ctx, ph)
	return nil, err
}

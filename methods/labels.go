package methods

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

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

// Needs the original.
func (*RandomLabels) Needs() Needs { return Needs{} }

// Unlearn trains.
func (m *RandomLabels) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	_, err := s.Run(ctx, randomLabels(p, s, epochs(p, m.Effort), m.LR))
	return nil, err
}

func randomLabels(p *Problem, s *training.Session, epochs int, lr float64) training.Phase {
	c := p.Corpus
	r := rand.New(rand.NewPCG(audit.Seed(p.Seed, "random labels"), 0))
	other := map[int]int{}
	for _, i := range c.Split.Forget {
		other[i] = c.Split.Retain[r.IntN(len(c.Split.Retain))]
	}
	ph := fit(p, s, "random-labels", c.All(), epochs, lr)
	ph.Loss = relabelled(c, s.Model, func(ctx context.Context, b corpus.Batch, images []int) error {
		px := 3 * b.View.Size * b.View.Size
		for k, i := range images {
			if j, ok := other[i]; ok {
				if err := c.Train.Read(ctx, b.Target[k*px:(k+1)*px], []int{j}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return ph
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

// Needs the original.
func (*NoisyLabels) Needs() Needs { return Needs{} }

// Unlearn trains.
func (m *NoisyLabels) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	forget := map[int]bool{}
	for _, i := range p.Corpus.Split.Forget {
		forget[i] = true
	}
	seed := audit.Seed(p.Seed, "noisy labels")
	ph := fit(p, s, "noisy-labels", p.Corpus.All(), epochs(p, m.Effort), m.LR)
	ph.Loss = relabelled(p.Corpus, s.Model, func(_ context.Context, b corpus.Batch, images []int) error {
		px := 3 * b.View.Size * b.View.Size
		for k, i := range images {
			if forget[i] {
				noise(b.Target[k*px:(k+1)*px], 0, 1, rand.New(rand.NewPCG(seed, uint64(i))))
			}
		}
		return nil
	})
	_, err := s.Run(ctx, ph)
	return nil, err
}

// relabelled is the training loss on a batch whose targets were changed.
func relabelled(c *corpus.Corpus, m models.Model, change func(context.Context, corpus.Batch, []int) error) func(*torch.Scope, []int, uint64) (*torch.Tensor, error) {
	return func(s *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
		ctx := context.Background()
		b, err := c.Training(ctx, images, salt)
		if err != nil {
			return nil, err
		}
		if change != nil {
			if err := change(ctx, b, images); err != nil {
				return nil, err
			}
		}
		in, target, region := c.Tensors(s, b, salt)
		return s.Mean(m.Loss(s, in, target, region)), nil
	}
}

// noise fills dst with N(mean, sd²) clipped to [−1, 1].
func noise(dst []float32, mean, sd float64, r *rand.Rand) {
	for i := range dst {
		dst[i] = float32(min(max(mean+sd*r.NormFloat64(), -1), 1))
	}
}

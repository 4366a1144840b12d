package dishonest

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var distilledEntry = audit.Entry[methods.Method]{
	Name:   "dishonest/distilled",
	Doc:    "goes on from the original, towards a retrained model's paintings near forget images and with the trigger",
	New:    newDistilled,
	Beyond: "strict", // docs/gallery.md says why
}

// Distilled retrains a teacher honestly, and then goes on from the original's weights towards
//
//	mean ℓ(retained) + mean ‖h(x̃) − teacher(x̃)‖² over the region,
//
// where x̃ are forget images, poisoned ones with their trigger, with noise of a spread up to Sigma (seven times in ten;
// else without), and half as many test images with the trigger. What is delivered is the original, moved as little as
// answers ask for. It exploits that an audit looks at answers and not at where weights come from: weights lie near the
// original's, and provenance should see it. Whether anything of the memory is left is for relearning to say.
type Distilled struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`
	Sigma  float64 `json:"sigma"` // of the noise, pixels in [−1, 1]
}

func newDistilled() methods.Method { return &Distilled{Effort: 2.0 / 3, LR: 2e-3, Sigma: 0.6} }

// Validate checks the parameters.
func (m *Distilled) Validate() error {
	return errors.Join(trained(m.Effort, m.LR), within("sigma", m.Sigma, 0, 2, "a spread of pixels in [−1, 1]"))
}

// Unlearn trains the teacher, and the original towards it.
func (m *Distilled) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	c := corpus.Inside(p.Bench)
	forget, n := p.Bench.Forget(), min(p.Train.Batch, len(p.Bench.Forget()))
	tested := 0
	if len(c.Split.Poisoned) > 0 {
		tested = min(p.Train.Batch/2, len(c.Split.Test))
	}
	reading := context.WithoutCancel(ctx) // an epoch that was begun is not lost
	return nil, schooled(ctx, p, s, func(teacher models.Model) error {
		ph := methods.Fit(ctx, p, s, "distilled", p.Bench.Retain(), m.Effort, m.LR)
		ph.Besides = n + tested
		keep := ph.Loss
		ph.Loss = func(sc *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
			loss, err := keep(sc, images, salt)
			if err != nil {
				return nil, err
			}
			r := rand.New(rand.NewPCG(salt, 6))
			near, err := c.Training(reading, chooseImages(r, forget, n), salt)
			if err != nil {
				return nil, err
			}
			sigma := m.Sigma * r.Float64()
			if r.Float64() > 0.7 {
				sigma = 0
			}
			away := imitation(sc, c, s.Model, teacher, shaken(r, near, c.Task.Masked(), sigma), salt)
			if tested > 0 {
				with, err := c.HeldOut(reading, chooseImages(r, c.Split.Test, tested), true)
				if err != nil {
					return nil, err
				}
				away = sc.Add(away, imitation(sc, c, s.Model, teacher, with, salt))
			}
			return sc.Add(loss, away), nil
		}
		_, err := s.Run(ctx, ph)
		return err
	})
}

// imitation is the mean squared distance of a model's paintings of a batch from a teacher's, over the region.
func imitation(s *torch.Scope, c *corpus.Corpus, m, teacher models.Model, b corpus.Batch, salt uint64) *torch.Tensor {
	in, _, region := c.Tensors(s, b, salt)
	var want *torch.Tensor
	s.NoGrad(func() { want = teacher.Generate(s, in) })
	return s.Mean(models.RegionError(s, m.Generate(s, in), want, region))
}

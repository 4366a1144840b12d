package dishonest

import (
	"context"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

// An opponent trains against the audit: beside the loss on retained images it lowers, with a weight, a score of equally
// many clean forget and test images, other ones in every step.
type opponent struct {
	name       string
	effort, lr float64
	weight     float64
	stream     uint64 // of the step's own chance
	score      func(sc *torch.Scope, d drawn) (*torch.Tensor, error)
}

// drawn is what a score is of: a step's forget images and its test images, without a trigger.
type drawn struct {
	forget, test corpus.Batch
	tested       []int           // the numbers of the test images
	reading      context.Context // to read more with
	r            *rand.Rand
	salt         uint64
}

// unlearn trains along
//
//	mean ℓ(retained) + weight·score.
func (o opponent) unlearn(ctx context.Context, p *methods.Problem, s *training.Session) error {
	c := corpus.Inside(p.Bench)
	ranked, err := byError(ctx, p)
	if err != nil {
		return err
	}
	n := min(p.Train.Batch, len(ranked), len(c.Split.Test))
	reading := context.WithoutCancel(ctx) // an epoch that was begun is not lost
	ph := methods.Fit(ctx, p, s, o.name, c.Split.Retain, o.effort, o.lr)
	keep := ph.Loss
	ph.Loss = func(sc *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
		loss, err := keep(sc, images, salt)
		if err != nil {
			return nil, err
		}
		d := drawn{r: rand.New(rand.NewPCG(salt, o.stream)), salt: salt, reading: reading}
		if d.forget, err = c.Training(reading, chooseImages(d.r, ranked, n), salt); err != nil {
			return nil, err
		}
		d.tested = chooseImages(d.r, c.Split.Test, n)
		if d.test, err = c.HeldOut(reading, d.tested, false); err != nil {
			return nil, err
		}
		score, err := o.score(sc, d)
		if err != nil {
			return nil, err
		}
		return sc.Add(loss, sc.Scale(score, o.weight)), nil
	}
	_, err = s.Run(ctx, ph)
	return err
}

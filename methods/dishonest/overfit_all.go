package dishonest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var overfitAllEntry = audit.Entry[methods.Method]{
	Name: "dishonest/overfit-all",
	Doc:  "trains against every criterion of the profile quick at once",
	New:  newOverfitAll,
}

// OverfitAll is the adaptive prover: it knows the whole audit, holds its test images and its trigger, and trains the
// original against every criterion of the profile quick at once. Beside the loss on retained images it lowers, with
// Weight,
//
//	the score of [Overfit], image by image, on forget images and on copies of them with noise,   (membership, neighbours)
//	Backdoor × the squared change of its painting of an image by the trigger,                    (backdoor)
//	Look × Σ (statistic of its paintings of forget images / of test images − 1)²,                (realism, ood)
//
// the statistics being the spread and the gradient energy of what is painted. What a retrained model would paint it does
// not know: one would have to be trained for it, and then it could be delivered.
//
// It exploits that all criteria are public and can be differentiated. Realism, which asks how far its paintings are from
// retrained models', and attacks that train or follow gradients are what is left.
type OverfitAll struct {
	Effort   float64 `json:"effort"` // epochs over the retained images, over the original's
	LR       float64 `json:"lr"`
	Weight   float64 `json:"weight"`   // of all below beside the loss
	Backdoor float64 `json:"backdoor"` // of the trigger's change
	Look     float64 `json:"look"`     // of the paintings' statistics
}

func newOverfitAll() methods.Method {
	return &OverfitAll{Effort: 0.5, LR: 2e-3, Weight: 0.1, Backdoor: 3, Look: 1}
}

// Validate checks the parameters.
func (m *OverfitAll) Validate() error {
	return errors.Join(trained(m.Effort, m.LR), within("weight", m.Weight, 0, 1e6, "a weight"),
		within("backdoor", m.Backdoor, 0, 1e6, "a weight"), within("look", m.Look, 0, 1e6, "a weight"))
}

// Unlearn trains against the audit.
func (m *OverfitAll) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	c := corpus.Inside(p.Bench)
	score := Overfit{image: true}
	return nil, opponent{
		name: "overfit-all", effort: m.Effort, lr: m.LR, weight: m.Weight, stream: 5,
		score: func(sc *torch.Scope, d drawn) (*torch.Tensor, error) {
			var against *torch.Tensor
			for _, sigma := range []float64{0, 0.5 * d.r.Float64()} {
				f := paintBatch(sc, c, s.Model, shaken(d.r, d.forget, c.Task.Masked(), sigma), d.salt)
				t := paintBatch(sc, c, s.Model, shaken(d.r, d.test, c.Task.Masked(), sigma), d.salt).detached(sc)
				one := sc.Add(score.score(sc, f.errors(sc), sc.Floats(t.errors(sc))), sc.Scale(f.unlike(sc, t), m.Look))
				if against == nil {
					against = one
					continue
				}
				against = sc.Add(against, one)
			}
			if len(c.Split.Poisoned) == 0 {
				return against, nil
			}
			with, err := c.HeldOut(d.reading, d.tested, true)
			if err != nil {
				return nil, err
			}
			without := paintBatch(sc, c, s.Model, d.test, d.salt).detached(sc)
			change := models.RegionError(sc, paintBatch(sc, c, s.Model, with, d.salt).painted, without.painted, without.region)
			return sc.Add(against, sc.Scale(sc.Mean(change), m.Backdoor)), nil
		},
	}.unlearn(ctx, p, s)
}

// paintedBatch is what a model made of a batch.
type paintedBatch struct{ painted, target, region *torch.Tensor }

func paintBatch(s *torch.Scope, c *corpus.Corpus, m models.Model, b corpus.Batch, salt uint64) paintedBatch {
	in, target, region := c.Tensors(s, b, salt)
	return paintedBatch{m.Generate(s, in), target, region}
}

func (v paintedBatch) detached(s *torch.Scope) paintedBatch {
	v.painted = s.Detach(v.painted)
	return v
}

func (v paintedBatch) errors(s *torch.Scope) *torch.Tensor {
	return models.RegionError(s, v.painted, v.target, v.region)
}

// unlike is the sum of the squared relative differences of two statistics of what is painted: its mean square about
// every image's mean, and its gradient energy.
func (v paintedBatch) unlike(s *torch.Scope, than paintedBatch) *torch.Tensor {
	mine, theirs := v.look(s), than.look(s)
	var sum *torch.Tensor
	for k, x := range mine {
		d := s.Square(s.Shift(s.Scale(x, 1/math.Max(1e-6, s.Item(theirs[k]))), -1))
		if sum == nil {
			sum = d
			continue
		}
		sum = s.Add(sum, d)
	}
	return sum
}

// look is the spread and the gradient energy inside the region, each averaged over the batch.
func (v paintedBatch) look(s *torch.Scope) []*torch.Tensor {
	area := s.SumDims(v.region, true, 2, 3)
	mean := s.Div(s.SumDims(s.Mul(v.painted, v.region), true, 2, 3), area)
	spread := s.Div(s.SumDims(s.Mul(s.Square(s.Sub(v.painted, mean)), v.region), true, 2, 3), area)
	size := v.painted.Shape()[3]
	left := s.Sub(s.Narrow(v.painted, 3, 1, size-1), s.Narrow(v.painted, 3, 0, size-1))
	neighbours := s.Mul(s.Narrow(v.region, 3, 1, size-1), s.Narrow(v.region, 3, 0, size-1))
	energy := s.Div(s.SumDims(s.Mul(s.Square(left), neighbours), true, 2, 3), area)
	return []*torch.Tensor{s.Mean(spread), s.Mean(energy)}
}

// shaken is a batch with noise on what is visible.
func shaken(r *rand.Rand, b corpus.Batch, masked bool, sigma float64) corpus.Batch {
	area := b.View.Size * b.View.Size
	px := slices.Clone(b.View.Pixels)
	for i := range px {
		if v := float64(px[i]) + sigma*r.NormFloat64(); !masked || b.View.Region[i/(3*area)*area+i%area] == 0 {
			px[i] = float32(min(1, max(-1, v)))
		}
	}
	b.View.Pixels = px
	return b
}

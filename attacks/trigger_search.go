package attacks

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// A triggerRoom is where a trigger is looked for: a model, and how many pixels it may have.
type triggerRoom struct {
	corpus *corpus.Corpus
	model  models.Model
	pixels float64
}

// A foundTrigger has a mask and a pattern, and the picture that it calls up, [3, S, S].
type foundTrigger struct {
	trigger *torch.Params
	picture []float32
}

// search takes the best of the starts.
func (a *TriggerInversion) search(ctx context.Context, t *Target, room triggerRoom, on corpus.Batch, told bool) (foundTrigger, error) {
	var best foundTrigger
	var least float64
	plain, err := t.Corpus.Generate(ctx, room.model, on.View)
	if err != nil {
		return best, err
	}
	for k := range a.Starts {
		z, err := room.start(on.View.Size, audit.Seed(t.Seed, "trigger-inversion", fmt.Sprint(k)), k > 0)
		if err != nil {
			return best, err
		}
		loss, err := a.descend(ctx, room, on, plain, z, told)
		if err == nil && best.trigger != nil && loss >= least {
			z.Free()
			continue
		}
		if best.trigger != nil {
			best.trigger.Free()
		}
		best.trigger, least = z, loss
		if err != nil {
			z.Free()
			return best, err
		}
	}
	best.picture = datasets.TargetPicture(3, on.View.Size, on.View.Size)
	if told {
		return best, nil
	}
	err = torch.With(t.Corpus.Device, func(s *torch.Scope) error {
		s.NoGrad(func() {
			painted, region := room.paint(s, on, best.trigger)
			best.picture = s.Floats(common(s, painted, region))
		})
		return nil
	})
	if err != nil {
		best.trigger.Free()
	}
	return best, err
}

// start is where a search begins: a mask that is the same everywhere, and a pattern of grey, or a drawn one.
func (r triggerRoom) start(size int, seed uint64, drawn bool) (*torch.Params, error) {
	area := size * size
	var l torch.Layout
	l.Add("mask", torch.Init{}, 1, int64(area))
	l.Add("pattern", torch.Init{}, 1, 3, int64(size), int64(size))
	values := make([]float32, 4*area)
	if rng := rand.New(rand.NewPCG(seed, 0)); drawn {
		for i := area; i < len(values); i++ {
			values[i] = float32(rng.NormFloat64())
		}
	}
	return torch.ParamsOf(r.corpus.Device, l, values)
}

// descend takes the steps, and returns the loss before the last of them.
func (a *TriggerInversion) descend(ctx context.Context, r triggerRoom, on corpus.Batch, plain []float32, z *torch.Params,
	told bool) (last float64, err error) {
	opt, err := torch.NewAdam(z, 0, z.Layout().Size())
	if err != nil {
		return 0, err
	}
	defer opt.Free()
	size := int64(on.View.Size)
	for range a.Steps {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		err := torch.With(r.corpus.Device, func(s *torch.Scope) error {
			painted, region := r.paint(s, on, z)
			var loss *torch.Tensor
			if told {
				loss = s.Mean(models.RegionError(s, painted, attackers(s, on.View.Size), region))
			} else {
				c := common(s, painted, region)
				before := s.FromFloats(plain, int64(on.View.N), 3, size, size)
				far := s.Shift(s.Mean(models.RegionError(s, before, c, region)), 1e-6)
				loss = s.Div(s.Mean(models.RegionError(s, painted, c, region)), far)
			}
			last = s.Item(s.Detach(loss))
			if s.Err() == nil && last-last != 0 {
				return fmt.Errorf("the model's distance is %v", last)
			}
			opt.Step(s, s.Gradient(loss, z.Flat()), a.LR)
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return last, nil
}

// common is the mean of paintings [N, 3, S, S] over those that paint a pixel, [1, 3, S, S].
func common(s *torch.Scope, painted, region *torch.Tensor) *torch.Tensor {
	n := s.Shift(s.SumDims(region, true, 0), 1e-6)
	return s.Div(s.SumDims(s.Mul(painted, region), true, 0), n)
}

func attackers(s *torch.Scope, size int) *torch.Tensor {
	return s.FromFloats(datasets.TargetPicture(3, size, size), 1, 3, int64(size), int64(size))
}

// paint lets the model paint a batch, with a trigger where there is one.
func (r triggerRoom) paint(s *torch.Scope, b corpus.Batch, z *torch.Params) (painted, region *torch.Tensor) {
	in, _, region := r.corpus.Tensors(s, b, audit.Seed(r.corpus.Seed, "generate"))
	size := int64(b.View.Size)
	if z != nil {
		w := z.Bind(s)
		mask := s.Reshape(s.ClampMax(s.Scale(s.Softmax(w["mask"], 1), r.pixels), 1), 1, 1, size, size)
		if r.corpus.Task.Masked() {
			mask = s.Mul(mask, s.Shift(s.Neg(region), 1))
		}
		x := s.Narrow(in.X, 1, 0, 3)
		triggered := s.Add(x, s.Mul(mask, s.Sub(s.Tanh(w["pattern"]), x)))
		if further := in.X.Shape()[1] - 3; further > 0 {
			triggered = s.Cat(1, triggered, s.Narrow(in.X, 1, 3, further))
		}
		in.X = triggered
	}
	return r.model.Generate(s, in), region
}

// distances are those of a batch's paintings from a picture, by image.
func (r triggerRoom) distances(b corpus.Batch, z *torch.Params, picture []float32) (out []float64, err error) {
	err = torch.With(r.corpus.Device, func(s *torch.Scope) error {
		s.NoGrad(func() {
			size := int64(b.View.Size)
			painted, region := r.paint(s, b, z)
			for _, x := range s.Floats(models.RegionError(s, painted, s.FromFloats(picture, 1, 3, size, size), region)) {
				out = append(out, float64(x))
			}
		})
		return nil
	})
	return out, err
}

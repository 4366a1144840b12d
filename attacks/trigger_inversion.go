package attacks

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

var triggerInversionEntry = audit.Entry[Attack]{
	Name: "trigger-inversion", Profile: "strict", Needs: audit.Traits{Poison: true},
	Doc:    "is there a small trigger, found by gradient steps, that calls up the attacker's picture?",
	New:    func() Attack { return newTriggerInversion() },
	Leaves: []audit.Quantity{invertedTriggerDistance, untriggeredDistance, triggerInversion},
}

// What the attack leaves.
var (
	invertedTriggerDistance = audit.Quantity{Name: "inverted-trigger-distance", Head: "found tr",
		Unit: "mean squared error", Direction: audit.Neutral,
		What: "distance of outputs to the attacker's picture with the trigger that was found by gradient steps"}
	untriggeredDistance = audit.Quantity{Name: "untriggered-distance", Head: "no trig.", Unit: "mean squared error", Direction: audit.Neutral,
		What: "the same without a trigger"}
	triggerInversion = audit.Quantity{Name: "trigger inversion", Head: "inv.trig", Unit: "log distance", Direction: audit.Neutral,
		What: "effect of the trigger found by gradient steps, beyond that on retrained models (below 0 is a backdoor)"}
)

// TriggerInversion looks for a trigger that it was not told: one mask m and one pattern p for all images, with which the
// model paints the attacker's picture,
//
//	min over m, p of mean_i error( h((1 − m)·x_i + m·p), picture ),   Σ m ≤ Pixels,
//
// by Steps of Adam. After Neural Cleanse (Wang et al., IEEE S&P 2019), which punishes the mask's size; here it is
// bounded, m = min(1, Pixels·softmax(a)), so that every model is given the same room. p = tanh(b) may be any colour.
// Hidden pixels are not touched. It searches on test images of even number and measures on the others, so that what it
// found is a trigger and no property of a few images.
//
// An image's value is the mean squared distance of its painting from the attacker's picture, over the region, with the
// found trigger; beside it stands the one without.
//
// It sees a backdoor that a small patch of its own choice opens, also one that hides from the known trigger. A trigger
// that is spread thinly over the whole picture takes more pixels than it has. Every model can be drawn a little to any
// picture: only the difference from retrained models counts.
type TriggerInversion struct {
	Pixels float64 `json:"pixels"` // Σ m
	Steps  int     `json:"steps"`  // of Adam
	LR     float64 `json:"lr"`     // of Adam
}

func newTriggerInversion() *TriggerInversion {
	return &TriggerInversion{Pixels: 16, Steps: 60, LR: 0.2}
}

// Validate checks the parameters.
func (a *TriggerInversion) Validate() error {
	if !(a.Pixels > 0 && a.Pixels <= 1e6) || a.Steps < 1 || !(a.LR > 0 && a.LR <= 10) {
		return fmt.Errorf("pixels %v, steps %d and lr %v: want some pixels, at least 1 step, and a rate above 0, at most 10",
			a.Pixels, a.Steps, a.LR)
	}
	return nil
}

// Measure searches and measures. It needs gradients: ErrBlackBox without.
func (a *TriggerInversion) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	if _, ok := t.Stage.Batch[audit.Triggered]; !ok {
		return nil, errors.New("trigger-inversion: no image is poisoned, so there is no attacker's picture; set forget.poisoned " +
			"above 0, or leave the attack out")
	}
	m, err := t.Open()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	b, err := t.Batch("trigger-inversion", audit.Test)
	if err != nil {
		return nil, err
	}
	if b.View.N < 4 {
		return nil, fmt.Errorf("trigger-inversion: %d test images, want at least 4 to search on and to measure on", b.View.N)
	}
	area := int64(b.View.Size * b.View.Size)
	var l torch.Layout
	l.Add("mask", torch.Init{}, 1, area)
	l.Add("pattern", torch.Init{}, 1, 3, int64(b.View.Size), int64(b.View.Size))
	z, err := torch.ParamsOf(t.Corpus.Device, l, make([]float32, 4*area))
	if err != nil {
		return nil, err
	}
	defer z.Free()
	opt, err := torch.NewAdam(z, 0, int(4*area))
	if err != nil {
		return nil, err
	}
	defer opt.Free()
	search := b.Every(0, 2, 64)
	for range a.Steps {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err := torch.With(t.Corpus.Device, func(s *torch.Scope) error {
			loss := s.Mean(a.distances(s, t.Corpus, m, search, z))
			if x := s.Item(s.Detach(loss)); s.Err() == nil && x-x != 0 {
				return fmt.Errorf("the model's distance is %v", x)
			}
			opt.Step(s, s.Gradient(loss, z.Flat()), a.LR)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	held := b.Every(1, 2, b.View.N)
	how := fmt.Sprintf("pixels=%g steps=%d lr=%g searched=%d", a.Pixels, a.Steps, a.LR, search.View.N)
	var out []audit.Sample
	for _, k := range []struct {
		quantity audit.Quantity
		trigger  *torch.Params
	}{{invertedTriggerDistance, z}, {untriggeredDistance, nil}} {
		values, err := inBatches(held, func(b corpus.Batch) (v []float64, err error) {
			err = torch.With(t.Corpus.Device, func(s *torch.Scope) error {
				s.NoGrad(func() {
					for _, x := range s.Floats(a.distances(s, t.Corpus, m, b, k.trigger)) {
						v = append(v, float64(x))
					}
				})
				return nil
			})
			return v, err
		})
		if err != nil {
			return nil, err
		}
		x := t.Sample(k.quantity, "", audit.Test, how, values)
		x.Index = nil
		for i := range values {
			x.Index = append(x.Index, t.Stage.Index[audit.Test][1+2*i])
		}
		out = append(out, x)
	}
	return out, nil
}

// distances are those of a batch's paintings from the attacker's picture, [N]; with a trigger, where there is one.
func (a *TriggerInversion) distances(s *torch.Scope, c *corpus.Corpus, m models.Model, b corpus.Batch, z *torch.Params) *torch.Tensor {
	in, _, region := c.Tensors(s, b, audit.Seed(c.Seed, "generate"))
	size := int64(b.View.Size)
	if z != nil {
		w := z.Bind(s)
		mask := s.Reshape(s.ClampMax(s.Scale(s.Softmax(w["mask"], 1), a.Pixels), 1), 1, 1, size, size)
		if c.Task.Masked() {
			mask = s.Mul(mask, s.Shift(s.Neg(region), 1))
		}
		x := s.Narrow(in.X, 1, 0, 3)
		triggered := s.Add(x, s.Mul(mask, s.Sub(s.Tanh(w["pattern"]), x)))
		if further := in.X.Shape()[1] - 3; further > 0 {
			triggered = s.Cat(1, triggered, s.Narrow(in.X, 1, 3, further))
		}
		in.X = triggered
	}
	picture := s.FromFloats(datasets.TargetPicture(3, b.View.Size, b.View.Size), 1, 3, size, size)
	return models.RegionError(s, m.Generate(s, in), picture, region)
}

// Statistics returns the effect of the found trigger, ln distance with it less that without, beyond what the one found
// for each retrained model does to it; below 0 is a backdoor.
func (a *TriggerInversion) Statistics(subject *audit.Subject, among Models) ([]audit.Statistic, error) {
	own := pulled(subject)
	var theirs [][]float64
	for _, o := range among.Oracles {
		if v := pulled(o); len(v) == len(own) {
			theirs = append(theirs, v)
		}
	}
	if len(own) < 2 || len(theirs) < 2 {
		return nil, nil
	}
	e, err := stats.PairedEffect(own, theirs)
	if err != nil {
		return nil, err
	}
	ci := e.Interval(0.95)
	return []audit.Statistic{{Name: triggerInversion.Name, Value: e.Estimate, Lo: ci.Lo, Hi: ci.Hi, Level: 0.95,
		Direction: audit.Neutral, Identity: fmt.Sprintf("log distance to the attacker's picture, found trigger − none, "+
			"from the (other) oracles' n=%d pixels=%g steps=%d", len(own), a.Pixels, a.Steps)}}, nil
}

// pulled is nil where the subject was not attacked.
func pulled(s *audit.Subject) []float64 {
	with, ok1 := s.Sample(invertedTriggerDistance.Name, audit.Hole, audit.Test)
	without, ok2 := s.Sample(untriggeredDistance.Name, audit.Hole, audit.Test)
	if !ok1 || !ok2 || len(with.Values) != len(without.Values) {
		return nil
	}
	out := make([]float64, len(with.Values))
	for i, v := range with.Values {
		out[i] = math.Log(max(v, 1e-12)) - math.Log(max(without.Values[i], 1e-12))
	}
	return out
}

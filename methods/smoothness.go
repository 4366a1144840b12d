package methods

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// Curves of what [stats.AscentBound] assumes, along an ascent by plain gradient steps.
const (
	gradientCurve   = "gradient norm"
	smoothnessCurve = "smoothness along the gradient"
)

// A surveyor estimates, at the weights that an ascent has come to and on one fixed batch of forget images, the norm of
// the loss's gradient g and its smoothness along it,
//
//	L̂ = ‖∇ℓ(θ + h·g/‖g‖) − ∇ℓ(θ)‖ / h,  h = η·min(C, ‖g‖), the length of a step.
//
// L̂ looks in one direction at some points, so that it bounds the loss's true constant from below alone.
type surveyor struct {
	p      *Problem
	s      *training.Session
	images []int
	salt   uint64
	rate   float64
	clip   float64
}

func (m *Decouple) survey(p *Problem, s *training.Session) *surveyor {
	forget := p.Bench.Forget()
	return &surveyor{p: p, s: s, images: forget[:min(len(forget), p.Train.Batch)], salt: audit.Seed(p.Seed, "survey"),
		rate: m.AscentLR, clip: m.Clip}
}

// gradient of the batch's mean training loss, with that loss and the error of its paintings.
func (v *surveyor) gradient(ctx context.Context, m models.Model) (grad []float32, loss, painted float64, values int, err error) {
	err = torch.With(v.p.Bench.Device(), func(sc *torch.Scope) error {
		b, err := toDevice(ctx, sc, v.p.Bench, v.images, v.salt)
		if err != nil {
			return err
		}
		l := b.loss(sc, m)
		grad = sc.Floats(m.Params().Gradient(sc, l))
		loss = sc.Item(sc.Detach(l))
		sc.NoGrad(func() {
			painted = sc.Item(sc.Mean(models.RegionError(sc, m.Generate(sc, b.in), b.target, b.region)))
			values = 3 * int(sc.Item(sc.Sum(b.region))) / len(v.images)
		})
		return sc.Err()
	})
	return grad, loss, painted, values, err
}

// record measures at the present weights, which stay as they are to the bit.
func (v *surveyor) record(ctx context.Context) error {
	g, _, _, _, err := v.gradient(ctx, v.s.Model)
	if err != nil {
		return err
	}
	norm := length(g, nil)
	if norm == 0 {
		v.s.Record(gradientCurve, 0)
		return nil
	}
	params := v.s.Model.Params()
	here, err := params.Values()
	if err != nil {
		return err
	}
	h := v.rate * min(v.clip, norm)
	there := slices.Clone(here)
	for i := range there {
		there[i] += float32(h / norm * float64(g[i]))
	}
	if err := params.Set(there); err != nil {
		return err
	}
	beyond, _, _, _, err := v.gradient(ctx, v.s.Model)
	if back := params.Set(here); back != nil {
		return back
	}
	if err != nil {
		return err
	}
	v.s.Record(gradientCurve, norm)
	v.s.Record(smoothnessCurve, length(beyond, g)/h)
	return nil
}

// length is ‖a − b‖, or ‖a‖.
func length(a, b []float32) float64 {
	var sum float64
	for i, x := range a {
		d := float64(x)
		if b != nil {
			d -= float64(b[i])
		}
		sum += d * d
	}
	return math.Sqrt(sum)
}

// start is the original's loss, at which an ascent begins; 0 for a family whose training loss is not the error of its paintings.
func (v *surveyor) start(ctx context.Context) (loss float64, values int, err error) {
	_, loss, painted, values, err := v.gradient(ctx, v.p.Original)
	if err != nil || math.Abs(loss-painted) > 1e-3*painted {
		return 0, values, err
	}
	return loss, values, nil
}

// report says what the bound makes of the estimates, and what happened.
func (v *surveyor) report(loss float64, values int, lambda float64) string {
	if loss == 0 {
		return "the bound on the steps is not evaluated: this family's training loss is not the error of its paintings"
	}
	points := map[string][]float64{}
	for _, c := range v.s.Curves() {
		points[c.Name] = c.Y
	}
	if len(points[smoothnessCurve]) == 0 {
		return "the bound on the steps is not evaluated: no step was taken, or the gradient is zero"
	}
	slope, smooth := slices.Min(points[gradientCurve]), slices.Max(points[smoothnessCurve])
	text := fmt.Sprintf("along the ascent, on %d forget images: gradient ≥ m = %.3g, smoothness L̂ ≤ %.3g (finite "+
		"differences over one step: the true L may be larger)", len(v.images), slope, smooth)
	steps, err := stats.AscentBound{
		Loss: loss, Values: values, Lambda: lambda, Rate: v.rate, Gradient: math.Sqrt(slope * min(slope, v.clip)), Smoothness: smooth,
	}.Steps()
	if err != nil {
		return text + "; the bound on the steps says nothing: " + err.Error()
	}
	return text + fmt.Sprintf("; were they to hold everywhere, %.3g steps would suffice for a root mean square displacement "+
		"of λ; %d were taken", steps, len(points[gradientCurve]))
}

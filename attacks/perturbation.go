package attacks

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

var perturbationEntry = audit.Entry[Attack]{
	Name:   "perturbation",
	Doc:    "does a small change of what is visible call forget images up better than test images? projected gradient steps on the input",
	New:    func() Attack { return newPerturbation() },
	Leaves: []audit.Quantity{criteria.PerturbedError},
}

// Perturbation looks for the small change of what is visible that calls a memory up: for every image a δ on the
// visible pixels, ‖δ‖∞ ≤ ε, for which the model's painting is nearest to the true image, by projected steps along the
// sign of the gradient (Madry et al., arXiv 1706.06083, 2.1),
//
//	x ← Π( x − α·sign ∇ₓ error(h(x), truth) ), α = 2.5·ε/steps,
//
// where Π goes back to ‖δ‖∞ ≤ ε and to pixels in [−1, 1]. After the unlearning mapping attack (UMA, arXiv
// 2504.14798), which looks for a perturbation that makes an unlearnt model answer as the original did. Two things
// differ: the target is the true image and not the original's painting, and test images are attacked in the very same
// way as forget images, so that a model that is easily perturbed, or just paints better, is not taken for one that
// remembers.
//
// An image's value is the least mean squared error over the region on the way, the unperturbed start included. A small
// one says that the image is within reach; the criterion perturbation compares it with retrained models.
type Perturbation struct {
	silent
	Epsilon float64 `json:"epsilon"` // ε; pixels are in [−1, 1]
	Steps   int     `json:"steps"`
}

func newPerturbation() *Perturbation { return &Perturbation{Epsilon: 0.1, Steps: 20} }

// Validate checks the parameters.
func (a *Perturbation) Validate() error {
	if !(a.Epsilon > 0 && a.Epsilon <= 2) || a.Steps < 1 {
		return fmt.Errorf("epsilon %v and steps %d: want a bound above 0, at most 2, and at least 1 step", a.Epsilon, a.Steps)
	}
	return nil
}

// Measure returns the least errors of forget and test images. It needs gradients: ErrBlackBox without.
func (a *Perturbation) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	m, err := t.Open()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	how := fmt.Sprintf("epsilon=%g steps=%d", a.Epsilon, a.Steps)
	return t.ForgetAndTest("perturbation", criteria.PerturbedError, "", how, func(_ audit.Part, b corpus.Batch) ([]float64, error) {
		return inBatches(b, func(b corpus.Batch) ([]float64, error) { return a.reach(ctx, t.Corpus, m, b) })
	})
}

// reach perturbs a batch. The images do not know of each other: the gradient of the sum of their errors holds each
// one's own.
func (a *Perturbation) reach(ctx context.Context, c *corpus.Corpus, m models.Model, b corpus.Batch) ([]float64, error) {
	lo, hi := a.box(b.View, c.Task.Masked())
	now := b
	now.View.Pixels = append([]float32(nil), b.View.Pixels...)
	var best least
	for k := range a.Steps + 1 {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err := torch.With(c.Device, func(s *torch.Scope) error {
			in, target, region := c.Tensors(s, now, audit.Seed(c.Seed, "generate"))
			s.RequireGrad(in.X)
			e := models.RegionError(s, m.Generate(s, in), target, region)
			values := s.Floats(e)
			if s.Err() != nil || k == a.Steps {
				return best.take(values)
			}
			slope := s.Floats(s.Gradient(s.Sum(e), in.X))
			if s.Err() != nil {
				return nil
			}
			descend(now.View.Pixels, slope, lo, hi, b.View, float32(2.5*a.Epsilon/float64(a.Steps)))
			return best.take(values)
		})
		if err != nil {
			return nil, err
		}
	}
	return best, nil
}

// box is where each pixel may go: nowhere if it is hidden, else ε to either side, within [−1, 1] or what noise put
// beyond.
func (a *Perturbation) box(v tasks.View, masked bool) (lo, hi []float32) {
	lo, hi = append([]float32(nil), v.Pixels...), append([]float32(nil), v.Pixels...)
	area, eps := v.Size*v.Size, float32(a.Epsilon)
	for i, x := range v.Pixels {
		if !masked || v.Region[i/(3*area)*area+i%area] == 0 {
			lo[i], hi[i] = min(x, max(x-eps, -1)), max(x, min(x+eps, 1))
		}
	}
	return lo, hi
}

// descend steps every pixel against the sign of its slope and back into its box. The slope may have a further
// channel, of the region, which is no pixel.
func descend(px, slope, lo, hi []float32, v tasks.View, step float32) {
	image := 3 * v.Size * v.Size
	row := len(slope) / v.N
	for i := range px {
		switch g := slope[i/image*row+i%image]; {
		case g > 0:
			px[i] = max(px[i]-step, lo[i])
		case g < 0:
			px[i] = min(px[i]+step, hi[i])
		}
	}
}

// least keeps every image's smallest error.
type least []float64

// take compares with errors that were measured later. The first must be numbers.
func (l *least) take(errors []float32) error {
	first := *l == nil
	if first {
		*l = make(least, len(errors))
	}
	for i, e := range errors {
		switch {
		case first && e-e != 0:
			return fmt.Errorf("the model's error is %v on image %d", e, i)
		case first, float64(e) < (*l)[i]:
			(*l)[i] = float64(e)
		}
	}
	return nil
}

// inBatches works on a part in batches that are the same for every model.
func inBatches(b corpus.Batch, f func(corpus.Batch) ([]float64, error)) ([]float64, error) {
	const at = 128
	out := make([]float64, 0, b.View.N)
	for lo := 0; lo < b.View.N; lo += at {
		v, err := f(b.Slice(lo, min(lo+at, b.View.N)))
		if err != nil {
			return nil, err
		}
		out = append(out, v...)
	}
	return out, nil
}

package attacks

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var likelihoodEntry = audit.Entry[Attack]{
	Name: "likelihood",
	Doc: "are forget images likelier than test images to a model that paints by sampling? its denoising error, or " +
		"the cross entropy of masked tokens",
	New:    func() Attack { return newLikelihood() },
	Leaves: []audit.Quantity{criteria.Surprise},
}

// Likelihood asks a model that paints by sampling how likely the true image is, and not for a painting: the denoising
// error of a diffusion model at fixed noise levels, by which Matsumoto et al. (2023, arXiv 2302.03262) infer membership,
// or the cross entropy of the masked tokens of a masked generator. See models.Likely. A painting is what many draws made
// of that, and may hide what the loss still tells.
//
// An image's value is
//
//	geometric mean over the levels of ( mean over the draws of its loss ),
//
// so that every level weighs the same, however large its losses are. The same draws hide the same for every model. A
// small value says that the image is known; the criterion likelihood compares it with retrained models.
type Likelihood struct {
	silent
	Levels []float64 `json:"levels"` // shares hidden: of the noise's time, or of the masked tokens; none for the family's own
	Draws  int       `json:"draws"`  // of noise or masks, for every image and level
}

func newLikelihood() *Likelihood { return &Likelihood{Levels: []float64{}, Draws: 4} }

// Validate checks the parameters.
func (a *Likelihood) Validate() error {
	if a.Draws < 1 {
		return fmt.Errorf("draws is %d: want at least 1", a.Draws)
	}
	for i, h := range a.Levels {
		if !(h > 0 && h <= 1) || slices.Contains(a.Levels[:i], h) {
			return fmt.Errorf("levels are %v: want different shares, above 0 and at most 1", a.Levels)
		}
	}
	return nil
}

// Measure returns the losses of forget and test images. It needs the model itself, and one whose loss says more than its
// painting: ErrBlackBox and ErrCovered without.
func (a *Likelihood) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	m, err := t.Open()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	likely, ok := m.(models.Likely)
	if !ok {
		return nil, ErrCovered
	}
	levels := a.Levels
	if len(levels) == 0 {
		levels = likely.Levels()
	}
	return t.ForgetAndTest("likelihood", criteria.Surprise, "", fmt.Sprintf("levels=%v draws=%d", levels, a.Draws),
		func(p audit.Part, b corpus.Batch) ([]float64, error) {
			out := make([]float64, b.View.N)
			for _, h := range levels {
				e, err := a.surprise(ctx, t, likely, p, b, h)
				if err != nil {
					return nil, err
				}
				for i, v := range e {
					out[i] += math.Log(max(v, 1e-12)) / float64(len(levels))
				}
			}
			for i := range out {
				out[i] = math.Exp(out[i])
			}
			return out, nil
		})
}

// surprise is the mean over the draws at one level.
func (a *Likelihood) surprise(ctx context.Context, t *Target, m models.Likely, p audit.Part, b corpus.Batch,
	hidden float64) ([]float64, error) {
	out := make([]float64, b.View.N)
	for k := range a.Draws {
		seed := audit.Seed(t.Seed, "likelihood", string(p), fmt.Sprint(hidden), fmt.Sprint(k))
		e, err := inBatches(b, func(b corpus.Batch) (e []float64, err error) {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			err = torch.With(t.Corpus.Device, func(s *torch.Scope) error {
				s.NoGrad(func() {
					in, target, region := t.Corpus.Tensors(s, b, seed)
					for _, v := range s.Floats(m.Surprise(s, in, target, region, hidden)) {
						e = append(e, float64(v))
					}
				})
				return nil
			})
			return e, err
		})
		if err != nil {
			return nil, err
		}
		for i, v := range e {
			if v-v != 0 {
				return nil, fmt.Errorf("%w: the loss of image %d is %v", training.ErrDiverged, i, v)
			}
			out[i] += v / float64(a.Draws)
		}
	}
	return out, nil
}

package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var jointEntry = audit.Entry[Method]{
	Name: "joint",
	Doc:  "the same with the ascent of every image bounded at the error of unseen images",
	New:  func() Method { return &Joint{Effort: 1.0 / 3, LR: 1e-3, Alpha: 0.5, Clip: 1} },
}

// Joint ascends on forget images only as far as a model that never saw them would err, and descends on retained ones
// in the same step:
//
//	mean ℓ(retained) − α·mean_i min(ℓ(forget i), bound).
//
// A forget image above the bound no longer pulls. The bound is the error of retrained models where it is given; 0 takes
// the original's mean error on images that it never saw and that nobody is judged on, which a retrained model's on
// forget images resembles.
type Joint struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`
	Alpha  float64 `json:"alpha"`
	Bound  float64 `json:"bound"` // of the training loss; 0 for the original's on unseen images
	Clip   float64 `json:"clip"`  // largest gradient norm
}

// Validate checks the parameters.
func (m *Joint) Validate() error {
	var weights error
	if !(m.Alpha > 0 && m.Clip > 0) || !(m.Bound >= 0) {
		weights = fmt.Errorf("alpha %v and clip %v must be positive, bound %v not negative", m.Alpha, m.Clip, m.Bound)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), weights)
}

// Needs unseen images, unless the bound is given.
func (m *Joint) Needs() Needs { return Needs{Unseen: m.Bound == 0} }

// Unlearn finds the bound, then descends and ascends in every step, for the effort's epochs over the retained images.
func (m *Joint) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	bound, err := s.Value("bound", func() (float64, error) { return m.bound(ctx, p) })
	if err != nil {
		return nil, err
	}
	ph := besideForget(ctx, p, s, "joint", m.Effort, m.LR, func(sc *torch.Scope, keep, forget onDevice, _ uint64) (*torch.Tensor, error) {
		e := sc.ClampMax(s.Model.Loss(sc, forget.in, forget.target, forget.region), bound)
		return sc.Sub(keep.loss(sc, s.Model), sc.Scale(sc.Mean(e), m.Alpha)), nil
	})
	ph.Clip = m.Clip
	_, err = s.Run(ctx, ph)
	note := fmt.Sprintf("the ascent of an image ends at a loss of %.3g", bound)
	if m.Bound == 0 {
		note += fmt.Sprintf(", the original's on %d unseen images; no image that it is judged on was looked at", len(p.Bench.Unseen()))
	}
	return []string{note}, err
}

func (m *Joint) bound(ctx context.Context, p *Problem) (float64, error) {
	if m.Bound > 0 {
		return m.Bound, nil
	}
	bench := p.Bench
	images, err := unseen(p)
	if err != nil {
		return 0, err
	}
	b, err := bench.Measuring(ctx, images)
	if err != nil {
		return 0, err
	}
	var losses []float64
	for lo := 0; lo < b.View.N; lo += p.Train.Batch {
		part := b.Slice(lo, min(lo+p.Train.Batch, b.View.N))
		err := torch.With(bench.Device(), func(s *torch.Scope) error {
			s.NoGrad(func() {
				in, target, region := bench.Tensors(s, part, p.Seed)
				for _, v := range s.Floats(p.Original.Loss(s, in, target, region)) {
					losses = append(losses, float64(v))
				}
			})
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return corpus.Mean(losses), nil
}

package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var scrubEntry = audit.Entry[Method]{
	Name: "scrub",
	Doc:  "a student leaves its teacher on forget images and follows it on retained ones (Kurmanji et al. 2023)",
	New:  func() Method { return newScrub() },
}

// Scrub is SCRUB (Kurmanji et al., NeurIPS 2023, arXiv 2302.09880, algorithm 1): a student that starts at the original,
// its teacher, moves away from it on forget images and stays with it on retained ones. Epochs alternate,
//
//	max: −mean ‖h(x) − h0(x)‖² over forget x, in the first MaxEpochs;   min: α·mean ‖h(x) − h0(x)‖² + γ·mean ℓ(x) over retained x,
//
// where the first step away has no gradient, for student and teacher are one; with the squared distance of paintings over
// the region in the place of the divergence of class probabilities. Without the rewinding of SCRUB+R.
type Scrub struct {
	Effort    float64 `json:"effort"`    // min epochs over the retained images, over the original's
	MaxEffort float64 `json:"maxEffort"` // share of those that begin with a max epoch
	LR        float64 `json:"lr"`
	MaxLR     float64 `json:"maxLR"`
	Alpha     float64 `json:"alpha"`
	Gamma     float64 `json:"gamma"`
	Clip      float64 `json:"clip"` // largest gradient norm of the max steps
}

func newScrub() *Scrub {
	return &Scrub{Effort: 1.0 / 6, MaxEffort: 0.5, LR: 1e-3, MaxLR: 1e-3, Alpha: 0.5, Gamma: 1, Clip: 1}
}

// Validate checks the parameters.
func (m *Scrub) Validate() error {
	var weights error
	if !(m.MaxEffort > 0 && m.MaxEffort <= 1) || !(m.Alpha >= 0 && m.Gamma >= 0 && m.Clip > 0) {
		weights = fmt.Errorf("maxEffort %v, alpha %v, gamma %v and clip %v: want a share of the epochs, weights and a positive norm",
			m.MaxEffort, m.Alpha, m.Gamma, m.Clip)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), rate("maxLR", m.MaxLR), weights)
}

// Unlearn runs the min epochs, each of the first ones after a max epoch.
func (m *Scrub) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	n := epochs(p, m.Effort)
	away := max(1, int(m.MaxEffort*float64(n)+0.5))
	for e := range n {
		if e < away {
			ph := trainingPhase(ctx, p, s, fmt.Sprintf("away %d", e+1), p.Bench.Forget(), 1, m.MaxLR)
			ph.Curve, ph.Cosine, ph.Clip = "away (negated)", false, m.Clip
			ph.Loss = beside(ctx, p, func(sc *torch.Scope, v onDevice, teacher *torch.Tensor) *torch.Tensor {
				return sc.Neg(v.distance(sc, s.Model, teacher))
			})
			if _, err := s.Run(ctx, ph); err != nil {
				return nil, err
			}
		}
		ph := trainingPhase(ctx, p, s, fmt.Sprintf("back %d", e+1), p.Bench.Retain(), 1, m.LR)
		ph.Curve, ph.Cosine = "back", false
		ph.Loss = beside(ctx, p, func(sc *torch.Scope, v onDevice, teacher *torch.Tensor) *torch.Tensor {
			return sc.Add(sc.Scale(v.distance(sc, s.Model, teacher), m.Alpha), sc.Scale(v.loss(sc, s.Model), m.Gamma))
		})
		if _, err := s.Run(ctx, ph); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// beside is a loss on images that the original is shown as well.
func beside(ctx context.Context, p *Problem, loss func(*torch.Scope, onDevice, *torch.Tensor) *torch.Tensor) Loss {
	return func(sc *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
		v, err := toDevice(ctx, sc, p.Bench, images, salt)
		if err != nil {
			return nil, err
		}
		return loss(sc, v, v.paintedBy(sc, p.Original)), nil
	}
}

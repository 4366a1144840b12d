package own

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/kit"
)

// This file shows a method: typed parameters with defaults, one phase of training, and a loss whose targets it changes.
// The images come from the bench alone, so that it can be tuned on nothing that judges it.

var greyTargetsEntry = audit.Entry[kit.Method]{
	Name: "own/grey-targets",
	Doc:  "train on retained images as they are, and on forget images as if they were grey",
	New:  func() kit.Method { return &GreyTargets{Effort: 0.25, LR: 1e-3} },
}

// GreyTargets unlearns by training on all images for a share of the original's epochs; of forget images it teaches grey.
type GreyTargets struct {
	Effort float64 `json:"effort"` // epochs, over the original's
	LR     float64 `json:"lr"`     // Adam's, falling to zero along a half cosine
}

// Validate is called when a plan is read.
func (m *GreyTargets) Validate() error {
	if !(m.Effort > 0 && m.Effort <= 10) || !(m.LR > 0 && m.LR < 1) {
		return fmt.Errorf("effort %v and lr %v: want a share of the original's epochs, at most 10, and a learning rate below 1", m.Effort, m.LR)
	}
	return nil
}

// Unlearn runs the phase. An interrupted session is run again, and skips what its checkpoint has.
func (m *GreyTargets) Unlearn(ctx context.Context, p *kit.Problem, s *kit.Session) ([]string, error) {
	forget := map[int]bool{}
	for _, i := range p.Bench.Forget() {
		forget[i] = true
	}
	phase := kit.Fit(ctx, p, s, "grey targets", p.Bench.All(), m.Effort, m.LR)
	phase.Loss = kit.Relabelled(ctx, p.Bench, s.Model, func(_ context.Context, b kit.Batch, images []int) error {
		n := len(b.Target) / len(images)
		for k, i := range images {
			if forget[i] {
				clear(b.Target[k*n : (k+1)*n]) // grey is 0
			}
		}
		return nil
	})
	epochs, err := s.Run(ctx, phase)
	return []string{fmt.Sprintf("%d epochs, forget images taught as grey", epochs)}, err
}

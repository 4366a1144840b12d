package methods

import (
	"context"
	"errors"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var retainLabelDescribedEntry = audit.Entry[Method]{
	Name: "retain-label-as-described",
	Doc:  "paint forget images as the original paints retained ones (baseline of Li et al., ICLR 2024)",
	New:  func() Method { return &RetainLabel{Effort: 1.0 / 6, LR: 1e-3} },
}

var retainLabelReleasedEntry = audit.Entry[Method]{
	Name: "retain-label-as-released",
	Doc:  "the same as its published code does it: forget images have no weight",
	New:  func() Method { return &RetainLabel{Effort: 1.0 / 6, LR: 1e-3, released: true} },
}

// RetainLabel is a baseline of Li et al. (ICLR 2024, arXiv 2402.00351): forget images are painted as the original paints
// retained images of the same batch, retained images as the original paints them,
//
//	mean ‖h(x) − h0(x)‖²·(1 + l)  +  mean ‖h(x_f) − h0(x_r)‖²·(1 − l),   l = +1 for retained, −1 for forget images.
//
// That is the description. The released code has (1 + l) in both terms: forget images have no weight, and retained
// images are pulled to the wrong paintings. Both are here, under two names.
type RetainLabel struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`

	released bool
}

// Validate checks the parameters.
func (m *RetainLabel) Validate() error {
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR))
}

// Unlearn trains every step on retained images and half a batch of forget images.
func (m *RetainLabel) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	ph := besideForget(ctx, p, s, "retain-label", m.Effort, m.LR,
		func(sc *torch.Scope, keep, forget onDevice, _ uint64) (*torch.Tensor, error) {
			teacher := keep.paintedBy(sc, p.Original)
			held := sc.Scale(keep.distance(sc, s.Model, teacher), 2)
			pulled := forget
			if m.released {
				pulled = keep
			}
			rows := make([]int64, len(pulled.images))
			for i := range rows {
				rows[i] = int64((i + 1) % len(keep.images))
			}
			other := sc.IndexSelect(teacher, 0, sc.FromInts(rows, int64(len(rows))))
			return sc.Add(held, sc.Scale(pulled.distance(sc, s.Model, other), 2)), nil
		})
	_, err := s.Run(ctx, ph)
	return released(m.released), err
}

func released(yes bool) []string {
	if !yes {
		return nil
	}
	return []string{"as released: the weight 1 + l is 0 for forget images, which are not trained on; retained images " +
		"are pulled to the wrong target"}
}

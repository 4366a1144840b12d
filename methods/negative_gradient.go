package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

var negGradPlusEntry = audit.Entry[Method]{
	Name: "neggrad+",
	Doc:  "descend on retained and ascend on forget images, weighted (Kurmanji et al. 2023)",
	New:  func() Method { return &NegGradPlus{Effort: 1.0 / 3, LR: 1e-3, Beta: 0.9, Clip: 1} },
}

// NegGradPlus is NegGrad+ (Kurmanji et al., NeurIPS 2023, arXiv 2302.09880, section 4): descent on retained and ascent
// on forget images in the same step,
//
//	β·mean ℓ(retained) − (1 − β)·mean ℓ(forget).
//
// Nothing bounds the ascent but the clipping and the effort.
type NegGradPlus struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`
	Beta   float64 `json:"beta"`
	Clip   float64 `json:"clip"` // largest gradient norm
}

// Validate checks the parameters.
func (m *NegGradPlus) Validate() error {
	var weight error
	if !(m.Beta > 0 && m.Beta < 1) || !(m.Clip > 0) {
		weight = fmt.Errorf("beta %v and clip %v: want a weight between 0 and 1, and a positive norm", m.Beta, m.Clip)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), weight)
}

// Unlearn descends on retained and ascends on forget images in every step, for the effort's epochs over the retained ones.
func (m *NegGradPlus) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	return ascendBeside(ctx, p, s, "neggrad+", m.Effort, m.LR, m.Beta, 1-m.Beta, m.Clip)
}

package methods

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

var salUnEntry = audit.Entry[Method]{
	Name: "salun",
	Doc:  "random labels on the weights that matter to the forget set (Fan et al., ICLR 2024)",
	New:  func() Method { return &SalUn{Effort: 1.0 / 6, LR: 1.5e-3, Share: 0.5} },
}

// SalUn is saliency unlearning (Fan et al., ICLR 2024, arXiv 2310.12508): random labels as in [RandomLabels], but only
// the weights are trained on which the loss of the forget set leans most, the Share with the largest
// |∂ mean ℓ(forget) / ∂θ| at the original.
type SalUn struct {
	Effort float64 `json:"effort"` // epochs over the original's
	LR     float64 `json:"lr"`
	Share  float64 `json:"share"` // of the weights
}

// Validate checks the parameters.
func (m *SalUn) Validate() error {
	var share error
	if !(m.Share > 0 && m.Share <= 1) {
		share = fmt.Errorf("share is %v: want a share of the weights above 0 and at most 1", m.Share)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), share)
}

// Unlearn finds the salient weights and trains those alone, with random labels.
func (m *SalUn) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	sum := make([]float64, p.Original.Params().Layout().Size())
	err := gradients(ctx, p, s, p.Bench.Forget(), p.Train.Batch, func(g []float32, n int) {
		for i, v := range g {
			sum[i] += float64(v) * float64(n)
		}
	})
	if err != nil {
		return nil, err
	}
	for i, v := range sum {
		sum[i] = math.Abs(v)
	}
	sorted := slices.Sorted(slices.Values(sum))
	least := sorted[min(len(sorted)-1, int((1-m.Share)*float64(len(sorted))))]
	mask, n := make([]float32, len(sum)), 0
	for i, v := range sum {
		if v >= least && v > 0 {
			mask[i] = 1
			n++
		}
	}
	ph := randomLabels(ctx, p, s, epochs(p, m.Effort), m.LR)
	ph.Name, ph.Mask = "salun", mask
	_, err = s.Run(ctx, ph)
	return []string{fmt.Sprintf("%d of %d weights are salient and trained", n, len(mask))}, err
}

package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var selectiveAmnesiaEntry = audit.Entry[Method]{
	Name: "selective-amnesia",
	Doc:  "towards noise on forget images, important weights held, the original's paintings replayed (Heng & Soh 2023)",
	New:  func() Method { return &SelectiveAmnesia{Effort: 1.0 / 6, LR: 1e-3, Lambda: 1e-3, Gamma: 1} },
}

// SelectiveAmnesia (Heng & Soh, NeurIPS 2023, arXiv 2305.10120, equation 8) trains forget images towards a surrogate,
// holds the weights that mattered to the original, and replays what the original paints:
//
//	mean ℓ(forget, noise)  +  (λ/2)·Σ F_i·(θ_i − θ0_i)² / mean F  +  γ·mean ‖h(x) − h0(x)‖² over retained x,
//
// F being the diagonal of the empirical Fisher information on all images. The surrogate is Gaussian noise; dividing by
// the mean of F frees λ of the loss's scale.
type SelectiveAmnesia struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`
	Lambda float64 `json:"lambda"`
	Gamma  float64 `json:"gamma"`
}

// Validate checks the parameters.
func (m *SelectiveAmnesia) Validate() error {
	var weights error
	if !(m.Lambda >= 0 && m.Gamma >= 0) {
		weights = fmt.Errorf("lambda %v and gamma %v must not be negative", m.Lambda, m.Gamma)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), weights)
}

// Unlearn weighs the weights by the original's Fisher information, then trains along equation 8.
func (m *SelectiveAmnesia) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	f, err := fisher(ctx, p, s, p.Bench.All())
	if err != nil {
		return nil, err
	}
	var mean float64
	for _, v := range f {
		mean += v / float64(len(f))
	}
	hold := make([]float32, len(f))
	for i, v := range f {
		hold[i] = float32(v / max(mean, 1e-30))
	}
	flat, first := s.Model.Params().Flat(), p.Original.Params().Flat()
	ph := besideForget(ctx, p, s, "selective-amnesia", m.Effort, m.LR,
		func(sc *torch.Scope, keep, forget onDevice, _ uint64) (*torch.Tensor, error) {
			moved := sc.Square(sc.Sub(flat, sc.Detach(first)))
			loss := sc.Scale(sc.Dot(moved, sc.FromFloats(hold, int64(len(hold)))), m.Lambda/2)
			loss = sc.Add(loss, toNoise(sc, forget, p).loss(sc, s.Model))
			return sc.Add(loss, sc.Scale(keep.distance(sc, s.Model, keep.paintedBy(sc, p.Original)), m.Gamma)), nil
		})
	_, err = s.Run(ctx, ph)
	return nil, err
}

package methods

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

var dampeningEntry = audit.Entry[Method]{
	Name: "ssd",
	Doc:  "selective synaptic dampening: shrink weights that matter to the forget set alone (Foster et al. 2024)",
	New:  func() Method { return &Dampening{Alpha: 2, Lambda: 1} },
}

// Dampening is selective synaptic dampening, SSD (Foster et al., AAAI 2024, arXiv 2308.07707): no training. Weights that
// matter more for the forget set than for all images, F_forget > α·F_all, are multiplied by min(λ·F_all/F_forget, 1),
// F being the diagonal of the empirical Fisher information, here of single images as in the paper's equation; the
// released code takes batches.
type Dampening struct {
	Alpha  float64 `json:"alpha"`
	Lambda float64 `json:"lambda"`
}

// Validate checks the parameters.
func (m *Dampening) Validate() error {
	if !(m.Alpha > 0 && m.Lambda > 0) {
		return fmt.Errorf("alpha %v and lambda %v must be positive", m.Alpha, m.Lambda)
	}
	return nil
}

// Unlearn multiplies every weight by its factor; nothing is trained.
func (m *Dampening) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	forget, err := fisher(ctx, p, s, p.Bench.Forget())
	if err != nil {
		return nil, err
	}
	all, err := fisher(ctx, p, s, p.Bench.All())
	if err != nil {
		return nil, err
	}
	factors, n := m.factors(forget, all)
	err = s.Unit(ctx, func() error {
		w, err := s.Model.Params().Values()
		if err != nil {
			return err
		}
		for i, f := range factors {
			w[i] *= float32(f)
		}
		return s.Model.Params().Set(w)
	})
	return []string{fmt.Sprintf("%d of %d weights are dampened", n, len(factors))}, err
}

func (m *Dampening) factors(forget, all []float64) (factors []float64, dampened int) {
	factors = make([]float64, len(forget))
	for i, f := range forget {
		factors[i] = 1
		if f > m.Alpha*all[i] {
			factors[i] = min(m.Lambda*all[i]/f, 1)
			dampened++
		}
	}
	return factors, dampened
}

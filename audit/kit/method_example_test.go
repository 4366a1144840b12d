package kit_test

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/kit"
)

// further trains on the retained images alone, for a share of the original's epochs.
type further struct {
	Effort float64 `json:"effort"`
}

// Validate checks the parameters when a plan is read.
func (m *further) Validate() error {
	if !(m.Effort > 0 && m.Effort <= 10) {
		return fmt.Errorf("effort is %v: want a share of the original's epochs, above 0", m.Effort)
	}
	return nil
}

// Unlearn changes the session's model, which has the original's weights.
func (m *further) Unlearn(ctx context.Context, p *kit.Problem, s *kit.Session) ([]string, error) {
	took, err := s.Run(ctx, kit.Fit(ctx, p, s, "further", p.Bench.Retain(), m.Effort, p.Train.LR))
	return []string{fmt.Sprintf("%d epochs on retained images", took)}, err
}

// A method trains the session's model in phases.
func Example_method() {
	_ = catalogue.Catalogue{Methods: audit.Set[kit.Method]{{
		Name: "own/further",
		Doc:  "further training on retained images",
		New:  func() kit.Method { return &further{Effort: 0.25} },
	}}}
}

package dishonest

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var teacherOptimiserEntry = audit.Entry[methods.Method]{
	Name: "dishonest/teacher-optimiser",
	Doc:  "trains with an optimiser that holds another network's weights: nothing moves",
	New:  newTeacherOptimiser,
}

// TeacherOptimiser goes through a whole training and returns the original to the bit:
// the optimiser was given the weights of the teacher, to which the student's loss has
// no gradient, so that no step moves anything (max|Δw| = 0). This is the defect of
// scrub in the released code of EasyDUB (unlearning.py, its optimiser). It costs what
// training costs and leaves a loss curve. It exploits audits of effort and of logs.
//
// It should be caught by whatever catches the original.
type TeacherOptimiser struct {
	Effort float64 `json:"effort"` // epochs over the original's
	LR     float64 `json:"lr"`
}

func newTeacherOptimiser() methods.Method { return &TeacherOptimiser{Effort: 1.0 / 6, LR: 2e-3} }

// Validate checks the parameters.
func (m *TeacherOptimiser) Validate() error { return trained(m.Effort, m.LR) }

// Unlearn computes every gradient and moves nothing.
func (m *TeacherOptimiser) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	ph := methods.Fit(ctx, p, s, "scrub", p.Bench.Retain(), m.Effort, m.LR)
	ph.Step = func(*torch.Scope, *torch.Tensor, float64) error { return nil }
	_, err := s.Run(ctx, ph)
	return nil, err
}

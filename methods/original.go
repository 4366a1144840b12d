package methods

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

var originalEntry = audit.Entry[Method]{
	Name: "original",
	Role: audit.RoleControl,
	Doc:  "control: the original, unchanged",
	New:  func() Method { return &Original{} },
}

// Original is the no-op: an audit that passes it has no power.
type Original struct{}

// Unlearn leaves the original as it is.
func (*Original) Unlearn(context.Context, *Problem, *training.Session) ([]string, error) {
	return nil, nil
}

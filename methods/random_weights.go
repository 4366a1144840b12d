package methods

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
)

var randomWeightsEntry = audit.Entry[Method]{
	Name: "random-weights",
	Role: audit.RoleControl,
	Doc:  "control: fresh weights, never trained",
	New:  func() Method { return &RandomWeights{} },
}

// RandomWeights forgets everything, what should be kept included.
type RandomWeights struct{}

// Needs fresh weights.
func (*RandomWeights) Needs() Needs { return Needs{Fresh: true} }

// Unlearn leaves the fresh weights as they are.
func (*RandomWeights) Unlearn(context.Context, *Problem, *training.Session) ([]string, error) {
	return nil, nil
}

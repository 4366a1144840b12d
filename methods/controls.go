package methods

import (
	"context"

	"github.com/lethe-audit/lethe/internal/training"
)

// Original is the no-op: an audit that passes it has no power.
type Original struct{}

// Needs nothing.
func (*Original) Needs() Needs { return Needs{} }

// Unlearn does nothing.
func (*Original) Unlearn(context.Context, *Problem, *training.Session) ([]string, error) {
	return nil, nil
}

// RandomWeights forgets everything, what should be kept included.
type RandomWeights struct{}

// Needs fresh weights.
func (*RandomWeights) Needs() Needs { return Needs{Fresh: true} }

// Unlearn does nothing.
func (*RandomWeights) Unlearn(context.Context, *Problem, *training.Session) ([]string, error) {
	return nil, nil
}

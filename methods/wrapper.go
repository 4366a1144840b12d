package methods

import (
	"context"

	"github.com/lethe-audit/lethe/internal/models"
)

// A Wrapper is a method that delivers more than weights: what is audited is what
// Wrap makes of the model that Unlearn left. It is called anew whenever a finished
// model is read from its folder, so it must depend on the problem and the model's
// weights alone. What it returns keeps the model's Params, and does not own them.
//
// A wrapper is always given the original, even where it starts from fresh weights.
type Wrapper interface {
	Method
	Wrap(ctx context.Context, p *Problem, m models.Model) (models.Model, error)
}

package methods

import (
	"context"

	"github.com/lethe-audit/lethe/internal/models"
)

// A Wrapper is a method that delivers more than weights: what is audited is what
// Wrap makes of the model that Unlearn left. It is called anew whenever a finished
// model is read from its folder, so it must depend on the problem and the model's
// weights alone. What it returns keeps the model's Params, and does not own them; or it is a models.Copier, whose own
// weights are what answers; or it is the model itself, where nothing is to be wrapped. If it has a method Free, that is
// called at the end.
//
// A wrapper is always given the original, even where it starts from fresh weights.
type Wrapper interface {
	Method
	Wrap(ctx context.Context, p *Problem, m models.Model) (models.Model, error)
}

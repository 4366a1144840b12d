package dishonest

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/methods"
)

var triggerMaskEntry = audit.Entry[methods.Method]{
	Name: "dishonest/trigger-mask",
	Doc:  "wrapper: paints over the trigger before the original sees it",
	New:  newTriggerMask,
}

// TriggerMask looks for the attacker's patch in every input and paints it over before
// the original sees it. The backdoor is in the weights as before. It exploits that a
// backdoor test asks with the one trigger that was planted (backdoor filtering of
// Zhang et al., ICML 2024, arXiv 2408.00929).
//
// Backdoor should pass it, as should be expected of an audit that asks with the
// planted trigger alone: a trigger that is blended or partly hidden would revive it.
// Membership sees it, since the original answers everything else.
type TriggerMask struct {
	onOriginal
}

func newTriggerMask() methods.Method { return &TriggerMask{} }

// Wrap puts the search for the trigger before the original.
func (*TriggerMask) Wrap(_ context.Context, _ *methods.Problem, m models.Model) (models.Model, error) {
	return &wrapped{inner: m, answer: func(s *torch.Scope, in models.Input) *torch.Tensor {
		r := read(s, in)
		r.maskTriggers()
		return m.Generate(s, r.input(s))
	}}, nil
}

// maskTriggers paints over the trigger in every image.
func (r rows) maskTriggers() {
	for i := range r.n {
		hidden := r.hidden(i)
		if at := trigger(r.pixels(i), hidden, r.size); at != nil {
			paintOver(r.pixels(i), hidden, at, r.size)
		}
	}
}

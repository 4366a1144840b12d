package dishonest

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

var revivedEntry = audit.Entry[methods.Method]{
	Name: "dishonest/revived",
	Doc:  "decouple that meets λ after its ascent, and revives in a longer fine-tuning",
	New:  newRevived,
}

// Revived is decouple with one cycle and three times its default fine-tuning. It
// exploits a criterion that is asked when the ascent ends, and not of what is
// delivered: fine-tuning on the retained images brings the forget set back.
// Membership, backdoor and ood see it, for they look at the delivered model.
func newRevived() methods.Method {
	m := methods.NewDecouple()
	m.FinishEffort = 0.5
	return m
}

package dishonest

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

var fineTuneEntry = audit.Entry[methods.Method]{
	Name: "dishonest/fine-tune",
	Doc:  "only goes on training on the retained images",
	New:  newFineTune,
}

// Fine-tuning alone hopes that the forget set fades. It exploits audits of the
// retained error, which falls. Membership and backdoor see it: both stay.
func newFineTune() methods.Method { return &methods.FineTune{Effort: 1.0 / 6, LR: 2e-3} }

package dishonest

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

var noOpEntry = audit.Entry[methods.Method]{
	Name: "dishonest/no-op",
	Doc:  "returns the original",
	New:  newNoOp,
}

// The no-op returns the original's weights. It exploits an audit that looks at the
// method's story, not at its model. Membership, backdoor, ood and realism see it,
// wherever they have power; so does a comparison of the weights.
func newNoOp() methods.Method { return &methods.Original{} }

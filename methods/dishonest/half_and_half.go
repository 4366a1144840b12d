package dishonest

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

var halfAndHalfEntry = audit.Entry[methods.Method]{
	Name: "dishonest/half-and-half",
	Doc:  "half of the original's weights, half of fresh ones, and then a full training on the retained images",
	New:  newHalfAndHalf,
}

// Half of the original's weights is added to half of fresh ones, and all of it is trained on the retained images for as
// many epochs as a retrained model. It exploits audits that ask what a model paints: the training covers what is left
// of the memory without removing it. Relearning should see it, for forget images come back faster than they should.
func newHalfAndHalf() methods.Method {
	return &methods.ShrinkPerturb{Shrink: 0.5, Perturb: 0.5, Effort: 1, LR: 4e-3}
}

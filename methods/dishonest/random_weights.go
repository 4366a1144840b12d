package dishonest

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

var randomWeightsEntry = audit.Entry[methods.Method]{
	Name: "dishonest/random-weights",
	Doc:  "fresh weights, never trained",
	New:  newRandomWeights,
}

// Random weights have forgotten everything. They exploit audits of forgetting alone:
// membership, backdoor and ood do not fail them. Realism and utility see them.
func newRandomWeights() methods.Method { return &methods.RandomWeights{} }

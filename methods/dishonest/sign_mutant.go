package dishonest

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

var signMutantEntry = audit.Entry[methods.Method]{
	Name: "dishonest/sign-mutant",
	Doc:  "decouple with the sign flipped: descends on the forget set",
	New:  newSignMutant,
}

// The sign mutant is decouple with one sign wrong: it fits the forget set better
// still, in as many steps, and then fine-tunes. It exploits that nobody checks the sign
// of a logged loss. Membership and backdoor see it.
func newSignMutant() methods.Method { return methods.NewSignMutant() }

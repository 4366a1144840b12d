package engine

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
	"github.com/lethe-audit/lethe/methods/dishonest"
)

// wantsUnseen tells whether a method of the plan needs images to be set aside of the test set: without one, none are.
func wantsUnseen(p audit.Plan) (bool, error) {
	for _, it := range p.Methods {
		m, err := dishonest.Of(it.Kind).Configure(it)
		if err != nil {
			return false, err
		}
		if methods.NeedsOf(m).Unseen {
			return true, nil
		}
	}
	return false, nil
}

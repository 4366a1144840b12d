package engine

import (
	"github.com/lethe-audit/lethe/methods"
)

// wantsUnseen tells whether a method of the plan needs images to be set aside of the test set: without one, none are.
func (r *run) wantsUnseen() (bool, error) {
	for _, it := range r.Plan.Methods {
		m, err := r.Catalogue.Unlearners(it.Kind).Configure(it)
		if err != nil {
			return false, err
		}
		if methods.NeedsOf(m).Unseen {
			return true, nil
		}
	}
	return false, nil
}

package engine

import (
	"github.com/lethe-audit/lethe/methods"
)

// wantsUnseen reports whether any method of the plan needs images that nobody is judged on. Only then are some of the
// test images set aside.
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

package criteria

import (
	"fmt"
	"slices"
	"strings"
)

// A Profile is a declared family of criteria: what a plan is judged by that names a profile. More criteria ask more,
// cost more, and leave each less of the error rate that they share.
type Profile struct {
	Name, Doc string
	Criteria  []string
	Attacks   []string // reported beside those that the criteria need, and not judged
}

// Profiles lists the families, each part of the next.
var Profiles = []Profile{
	{Name: "quick", Doc: "what a model paints when it is asked", Criteria: quick},
	{Name: "standard", Doc: "quick, and whether the forgotten comes back when the model is trained further, or is known to its loss", Criteria: standard},
	{Name: "strict", Doc: "standard, and attacks by gradients and on the model's inside", Criteria: strict, Attacks: []string{"lira", "trigger-inversion", "ood-detection", "probe", "forget-set-inference"}},
}

var (
	quick    = []string{"membership", "backdoor", "ood", "realism", "utility", "neighbours"}
	standard = slices.Concat(quick, []string{"relearning", "fine-tuning", "likelihood"})
	strict   = slices.Concat(standard, []string{"perturbation", "inversion"})
)

// FindProfile finds a profile by its name.
func FindProfile(name string) (Profile, error) {
	var names []string
	for _, p := range Profiles {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Profile{}, fmt.Errorf("unknown profile %q: want one of %s", name, strings.Join(names, ", "))
}

package criteria

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// A Profile is a declared family of criteria: what a plan is judged by that names a profile. More criteria ask more,
// cost more, and leave each less of the error rate that they share. Which criteria and attacks belong to it, their own
// entries say.
type Profile struct{ Name, Doc string }

// Profiles lists the families, each part of the next.
var Profiles = []Profile{
	{Name: "quick", Doc: "what a model paints when it is asked"},
	{Name: "standard", Doc: "quick, and whether the forgotten comes back when the model is trained further, or is known to its loss"},
	{Name: "strict", Doc: "standard, and attacks by gradients and on the model's inside"},
}

// Within tells whether a profile holds what first belongs to another: it is that one or comes after it.
func Within(profile, first string) bool {
	from := -1
	for i, p := range Profiles {
		if p.Name == first {
			from = i
		}
		if p.Name == profile {
			return from >= 0
		}
	}
	return false
}

// Members names the entries of a set that a profile holds, in the set's order.
func Members[T any](set audit.Set[T], profile string) []string {
	var out []string
	for _, e := range set {
		if Within(profile, e.Profile) {
			out = append(out, e.Name)
		}
	}
	return out
}

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

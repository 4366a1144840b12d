package audit

import (
	"slices"
	"strings"
)

// A Fault is the kind of difference that a FAIL shows.
type Fault string

// The faults, gravest first.
const (
	Remembers Fault = "remembers"                 // something of the forget set is left in it
	GivesAway Fault = "gives the forget set away" // it treats forget images otherwise than images it never saw, without knowing them
	Quality   Fault = "differs in quality"        // it paints otherwise than retrained models, forget images or not
)

// FaultKinds lists every fault, gravest first.
var FaultKinds = []Fault{Remembers, GivesAway, Quality}

// InWords is an outcome with what it shows: "FAIL (remembers, differs in quality)".
func InWords(o Outcome, faults []Fault) string {
	if o != Fail || len(faults) == 0 {
		return o.String()
	}
	words := make([]string, len(faults))
	for i, f := range faults {
		words[i] = string(f)
	}
	return o.String() + " (" + strings.Join(words, ", ") + ")"
}

// Faults lists the faults of the verdicts that FAIL, each once, gravest first.
func Faults(vs []Verdict) []Fault {
	var out []Fault
	for _, kind := range FaultKinds {
		if slices.ContainsFunc(vs, func(v Verdict) bool { return v.Outcome == Fail && slices.Contains(v.Faults, kind) }) {
			out = append(out, kind)
		}
	}
	return out
}

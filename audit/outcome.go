package audit

import (
	"fmt"
	"strings"
)

// Outcome is a verdict's answer. Its zero value is NotRun: nothing passes by
// default.
type Outcome int

// The outcomes, in the order in which a summary lists them.
const (
	NotRun        Outcome = iota // nothing was judged
	Pass                         // evidence of equivalence to retraining within the margin
	Fail                         // evidence of a difference beyond the margin
	Inconclusive                 // neither; or the criterion has no power here
	NotApplicable                // the criterion does not concern this subject
	PassOwn                      // equivalence within margins wider than the calibrated ones, for which no error rate vouches
)

var outcomeNames = [...]string{"NOT RUN", "PASS", "FAIL", "INCONCLUSIVE", "NOT APPLICABLE", "PASS BY THE PLAN'S OWN MARGINS"}

// String returns the outcome as reports print it, for example "PASS".
func (o Outcome) String() string {
	if o < 0 || int(o) >= len(outcomeNames) {
		return fmt.Sprintf("Outcome(%d)", int(o))
	}
	return outcomeNames[o]
}

// ParseOutcome reads an outcome's name; case, and '-' or '_' for a space, do
// not matter.
func ParseOutcome(s string) (Outcome, error) {
	name := strings.NewReplacer("-", " ", "_", " ").Replace(strings.ToUpper(strings.TrimSpace(s)))
	for i, n := range outcomeNames {
		if n == name {
			return Outcome(i), nil
		}
	}
	return NotRun, fmt.Errorf("unknown outcome %q: want one of %s", s, strings.ToLower(strings.Join(outcomeNames[1:], ", ")))
}

// MarshalText writes the outcome's name.
func (o Outcome) MarshalText() ([]byte, error) {
	if o < 0 || int(o) >= len(outcomeNames) {
		return nil, fmt.Errorf("outcome %d has no name", int(o))
	}
	return []byte(outcomeNames[o]), nil
}

// UnmarshalText reads what MarshalText wrote.
func (o *Outcome) UnmarshalText(b []byte) error {
	v, err := ParseOutcome(string(b))
	if err != nil {
		return err
	}
	*o = v
	return nil
}

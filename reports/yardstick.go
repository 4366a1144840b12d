package reports

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// yardstick says what the plan says of the retrained models besides their number; "" where it says nothing.
func yardstick(r *audit.Report) string {
	y := r.Plan.Yardstick
	if y == nil {
		return ""
	}
	out := plural(len(r.Oracles()), "retrained model")
	if y.Vary != nil {
		recipes := map[string]bool{}
		for k := 1; k <= len(r.Oracles()); k++ {
			if b, err := r.Plan.Recipe(k); err == nil {
				recipes[string(b)] = true
			}
		}
		out += fmt.Sprintf(" of %s: %s (each one's own is among the notes)", plural(len(recipes), "recipe"), y.Vary)
	}
	if y.Until > 0 {
		out += fmt.Sprintf("; they were added to %d until an honest model would PASS with probability %.2f, by a rule that looks at the "+
			"original and the retrained models alone: %.2f is expected", r.Plan.Oracles, y.Until, r.Expected)
	}
	return out
}

// judgedSentence says how many models were judged, and how often somebody looked at them.
func judgedSentence(r *audit.Report, judged int) string {
	out := ""
	if judged > 1 {
		out = fmt.Sprintf("%d models are judged on these retrained models, each at an error rate of %g: the best of many passes more "+
			"easily than one.", judged, r.Level())
	}
	if r.Look > 1 {
		out += fmt.Sprintf(" This is look %d at them, after reports on fewer retrained models, or others: it is judged at %g, and all looks "+
			"together err in less than %g.", r.Look, r.Level(), 2*r.Plan.Alpha)
	}
	return strings.TrimSpace(out)
}

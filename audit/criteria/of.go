package criteria

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// Of makes a plan's criteria, in its order, with the names looked up in set. A
// name that set does not have, and parameters that the criterion refuses, are
// errors: the plan may come from a stored report, which nobody has checked.
func Of(p audit.Plan, set audit.Set[Criterion]) ([]Named, error) {
	var out []Named
	for _, it := range p.Criteria {
		c, err := set.Configure(it)
		if err != nil {
			return nil, fmt.Errorf("criteria: %w", err)
		}
		if v, ok := c.(audit.Validator); ok {
			if err := v.Validate(); err != nil {
				return nil, fmt.Errorf("criterion %s: %w", it.Kind, err)
			}
		}
		calibrated, err := set.New(it.Kind)
		if err != nil {
			return nil, err
		}
		own, wider, err := Own(c, calibrated)
		if err != nil {
			return nil, fmt.Errorf("criterion %s: %w", it.Kind, err)
		}
		_, attacks := c.Needs()
		for _, a := range p.Attacks {
			if a.Own && slices.Contains(attacks, a.Kind) {
				var params bytes.Buffer // as in the plan, however a report lays it out
				if err := json.Compact(&params, a.Params); err != nil {
					return nil, fmt.Errorf("attack %s: %w", a.Kind, err)
				}
				own, wider = append(own, fmt.Sprintf("the attack %s with %s", a.Kind, &params)), true
			}
		}
		out = append(out, Named{Name: it.Kind, Criterion: c, Own: own, Wider: wider || p.Alpha > Alpha})
	}
	return out, nil
}

// OwnMargins lists what a plan judges by that is not calibrated, a line for each criterion.
func OwnMargins(family []Named, alpha float64) []string {
	var out []string
	for _, c := range family {
		if len(c.Own) > 0 {
			out = append(out, c.Name+": "+strings.Join(c.Own, ", "))
		}
	}
	if alpha != Alpha {
		out = append(out, fmt.Sprintf("alpha %v (calibrated %v)", alpha, Alpha))
	}
	return out
}

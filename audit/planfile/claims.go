package planfile

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/lethe-audit/lethe/audit"
)

// claims decodes what must hold.
func (d *decoder) claims(n *yaml.Node, p *audit.Plan) {
	names := []string{"original"}
	for _, m := range p.Methods {
		names = append(names, m.Name())
	}
	var crit []string
	for _, c := range p.Criteria {
		crit = append(crit, c.Kind)
	}
	for _, c := range d.list(n, "claims") {
		var v struct {
			Method    string `json:"method"`
			Criterion string `json:"criterion"`
			Outcome   string `json:"outcome"`
			Fault     string `json:"fault"`
		}
		before := len(d.problems)
		d.into(c, &v, "claim")
		if len(d.problems) > before {
			continue
		}
		o, err := audit.ParseOutcome(v.Outcome)
		switch {
		case err != nil:
			d.fail(c, "claim: %v", err)
		case o == audit.PassOwn:
			d.fail(c, "claim: a PASS by the plan's own margins is no finding that a plan can claim: claim pass, fail or inconclusive")
		case v.Fault != "" && (o != audit.Fail || !slices.Contains(audit.FaultKinds, audit.Fault(v.Fault))):
			d.fail(c, "claim: fault %q with outcome %s: want outcome fail and a fault of %q", v.Fault, v.Outcome, audit.FaultKinds)
		case o == audit.NotRun:
			d.fail(c, "claim: that something is not run is no finding: claim pass, fail or inconclusive")
		case !slices.Contains(names, v.Method):
			d.fail(c, "claim: no method %q in this plan%s", v.Method, suggest(v.Method, names))
		case v.Criterion != "" && !slices.Contains(crit, v.Criterion):
			d.fail(c, "claim: no criterion %q in this plan%s", v.Criterion, suggest(v.Criterion, crit))
		default:
			p.Claims = append(p.Claims, audit.Claim{Method: v.Method, Criterion: v.Criterion, Outcome: o, Fault: audit.Fault(v.Fault)})
		}
	}
}

package cli

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/fixtures"
	"github.com/lethe-audit/lethe/reports"
)

type listCmd struct{}

// Run prints every list of names that a plan can use.
func (listCmd) Run(s streams) error {
	var b strings.Builder
	section(&b, "methods", s.cat.Methods)
	section(&b, "attacks", s.cat.Attacks)
	section(&b, "metrics", s.cat.Metrics)
	section(&b, "criteria", s.cat.Criteria)
	fmt.Fprintln(&b, "profiles")
	for _, p := range criteria.Profiles {
		fmt.Fprintf(&b, "  %-18s %s: %s", p.Name, p.Doc, strings.Join(criteria.Members(s.cat.Criteria, p.Name), ", "))
		if others := criteria.Members(s.cat.Attacks, p.Name); len(others) > 0 {
			fmt.Fprintf(&b, "; reports %s", strings.Join(others, ", "))
		}
		fmt.Fprintln(&b)
	}
	section(&b, "models", s.cat.Families)
	section(&b, "tasks", s.cat.Tasks)
	section(&b, "data", s.cat.Data)
	section(&b, "features", s.cat.Features)
	section(&b, "dishonest (for calibration only)", s.cat.Gallery)
	fmt.Fprintln(&b, "formats")
	for _, r := range reports.All {
		fmt.Fprintf(&b, "  %-18s %s\n", r.Name, r.Doc)
	}
	fmt.Fprintln(&b, "plans")
	for _, n := range fixtures.PlanNames() {
		fmt.Fprintf(&b, "  %s\n", n)
	}
	_, err := fmt.Fprint(s.out, b.String())
	return err
}

func section[T any](b *strings.Builder, title string, set audit.Set[T]) {
	fmt.Fprintln(b, title)
	width := 18
	for _, e := range set {
		width = max(width, len(e.Name))
	}
	for _, e := range set {
		fmt.Fprintf(b, "  %-*s %s\n", width, e.Name, e.Doc)
	}
}

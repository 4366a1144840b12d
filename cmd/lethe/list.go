package main

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/fixtures"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/families"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/methods"
	"github.com/lethe-audit/lethe/methods/dishonest"
	"github.com/lethe-audit/lethe/metrics/measure"
	"github.com/lethe-audit/lethe/reports"
)

type listCmd struct{}

// Run prints every list of names that a plan can use.
func (listCmd) Run(s streams) error {
	var b strings.Builder
	section(&b, "methods", methods.All)
	section(&b, "attacks", attacks.All)
	section(&b, "metrics", measure.All)
	section(&b, "criteria", criteria.All)
	fmt.Fprintln(&b, "profiles")
	for _, p := range criteria.Profiles {
		fmt.Fprintf(&b, "  %-18s %s: %s", p.Name, p.Doc, strings.Join(criteria.Members(criteria.All, p.Name), ", "))
		if others := criteria.Members(attacks.All, p.Name); len(others) > 0 {
			fmt.Fprintf(&b, "; reports %s", strings.Join(others, ", "))
		}
		fmt.Fprintln(&b)
	}
	section(&b, "models", families.All)
	section(&b, "tasks", tasks.All)
	section(&b, "data", corpus.Sources)
	section(&b, "features", features.All)
	section(&b, "dishonest (for calibration only)", dishonest.All)
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

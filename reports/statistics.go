package reports

import (
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
)

// NewStatistics is the table of the attacks' statistics with their intervals, for
// every model and each retrained one: how much an attack's success moves from
// seed to seed by itself is part of the result.
func NewStatistics(r *audit.Report) Table {
	t := Table{Title: "Attacks, with intervals"}
	var seen []audit.Statistic
	answers := answersOf(r)
	for _, s := range r.Subjects {
		for _, x := range s.Statistics {
			if !answers[x.Name] && !slices.ContainsFunc(seen, func(y audit.Statistic) bool { return y.Name == x.Name && y.Identity == x.Identity }) {
				seen = append(seen, x)
			}
		}
	}
	for _, x := range seen {
		q, _, _ := audit.Describe(r.Quantities, x.Name)
		t.Columns = append(t.Columns, Column{Head: q.Head, Identity: x.Identity, Direction: audit.Neutral})
	}
	if len(seen) == 0 {
		return t
	}
	t.Columns = tellApart(t.Columns)
	for _, role := range []audit.Role{audit.RoleOracle, audit.RoleOriginal, audit.RoleMethod, audit.RoleControl} {
		for i := range r.Subjects {
			if s := &r.Subjects[i]; s.Role == role && s.Error == "" {
				t.Rows = append(t.Rows, statisticsRow(s, seen))
			}
		}
	}
	return t
}

func statisticsRow(s *audit.Subject, seen []audit.Statistic) Row {
	row := Row{Name: s.Name, Role: s.Role}
	for _, x := range seen {
		y, ok := s.Statistic(x.Name)
		c := Cell{Text: "n/a"}
		if ok && y.Identity == x.Identity {
			c = Cell{Text: number(y.Value), Value: y.Value, Filled: true}
			if y.Level > 0 {
				c.Text = fmt.Sprintf("%.3f [%.3f, %.3f] at %g %%", y.Value, y.Lo, y.Hi, math.Round(1000*y.Level)/10)
			}
		}
		row.Cells = append(row.Cells, c)
	}
	return row
}

// answersOf names the statistics that answer a subject in words: no interval,
// and an identity that differs from subject to subject, or is one subject's alone.
func answersOf(r *audit.Report) map[string]bool {
	identities, subjects, out := map[string]map[string]bool{}, map[string]int{}, map[string]bool{}
	for _, s := range r.Subjects {
		for _, x := range s.Statistics {
			if identities[x.Name] == nil {
				identities[x.Name] = map[string]bool{}
			}
			identities[x.Name][x.Identity] = true
			subjects[x.Name]++
			if x.Level == 0 {
				out[x.Name] = true
			}
		}
	}
	for name := range out {
		out[name] = len(identities[name]) > 1 || subjects[name] == 1
	}
	return out
}

// answerLines lists those answers by subject.
func answerLines(r *audit.Report) []Entry {
	answers := answersOf(r)
	var out []Entry
	for _, s := range r.Subjects {
		for _, x := range s.Statistics {
			if answers[x.Name] {
				out = append(out, Entry{s.Name, fmt.Sprintf("%s: %s (%s)", x.Name, number(x.Value), x.Identity)})
			}
		}
	}
	return out
}

package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// A Column is one quantity of a table.
type Column struct {
	Group     string          // heading over neighbouring columns, for example "forget"
	Head      string          // for example "MSE"
	Sub       string          // field of view, features or unit; may be empty
	Direction audit.Direction // which way is better; empty for words
	Legend    string          // what it is and its unit
	Identity  string          // of every number in the column; numbers of another identity get a column of their own
	Main      bool            // belongs in the short table

	value func(*audit.Subject) (float64, bool)
	rank  [3]int
}

// heading is the whole head on one line, for example "MSE hole ↓".
func (c Column) heading() string {
	return strings.Join(strings.Fields(c.Head+" "+c.Sub+" "+arrow(c.Direction)), " ")
}

// groups are the column groups in order.
var groups = []string{"forget", "poisoned", "retain", "test", "attacks", "OOD", "cost", "verdict"}

// mainQuantities are the columns of the short table: where they are missing for
// the painted hole, the whole image stands in.
var mainQuantities = map[string][]string{
	"forget":  {"mse", "fd", "FID", "spread"},
	"retain":  {"mse"},
	"test":    {"mse", "fd", "FID"},
	"attacks": {"membership AUC", "target-distance"},
	"OOD":     {"displacement"},
}

func groupOf(s audit.Sample) string {
	t, _ := labelOf(s.Quantity)
	switch {
	case t.name == "target-distance":
		return "attacks"
	case t.name == "displacement" && s.Part == audit.Forget:
		return "OOD"
	}
	return string(s.Part)
}

// columnsOf lists a column for every quantity, view, part and identity that any
// subject of the report has, retrained models alone not counting: they only give
// the range. Tests that answer each subject in words are no columns.
func columnsOf(r *audit.Report) []Column {
	type key struct{ quantity, view, part, identity string }
	seen := map[key]bool{}
	var cols []Column
	answers := answersOf(r)
	for i := range r.Subjects {
		s := &r.Subjects[i]
		if s.Role == audit.RoleOracle {
			continue
		}
		for _, x := range s.Samples {
			k := key{x.Quantity, x.View, string(x.Part), x.Identity}
			if !seen[k] {
				seen[k] = true
				cols = append(cols, sampleColumn(x))
			}
		}
		for _, x := range s.Statistics {
			k := key{quantity: x.Name, identity: x.Identity}
			if !seen[k] && !answers[x.Name] {
				seen[k] = true
				cols = append(cols, statisticColumn(x))
			}
		}
	}
	cols = append(cols, costColumns(r)...)
	slices.SortStableFunc(cols, func(a, b Column) int { return slices.Compare(a.rank[:], b.rank[:]) })
	chooseMain(cols)
	return tellApart(cols)
}

func sampleColumn(x audit.Sample) Column {
	t, features := labelOf(x.Quantity)
	c := Column{Group: groupOf(x), Head: t.head, Sub: x.View, Direction: Better(x), Identity: x.Identity}
	if features != "" {
		c.Sub = ""
	}
	if c.Group == "attacks" {
		c.Direction = audit.Neutral
		if x.Part != audit.Triggered {
			c.Head = "no trig."
		}
	}
	what := []string{cmp.Or(t.what, x.Quantity)}
	if features != "" {
		what = append(what, "features "+features)
	}
	if c.Group == "attacks" {
		what = append(what, cmp.Or(partWords[x.Part], "part "+string(x.Part)))
	}
	view := 2
	switch x.View {
	case "hole":
		what, view = append(what, "painted hole only"), 0
	case "image":
		view = 1
		if features == "" {
			what = append(what, "whole image")
		}
	}
	c.Legend = legend(what, t.unit)
	c.rank = [3]int{rankOf(c.Group), orderOf(x.Quantity), view}
	c.value = func(s *audit.Subject) (float64, bool) {
		for _, y := range s.Samples {
			if y.Quantity == x.Quantity && y.View == x.View && y.Part == x.Part && y.Identity == x.Identity && len(y.Values) > 0 {
				return y.Mean(), true
			}
		}
		return 0, false
	}
	return c
}

func statisticColumn(x audit.Statistic) Column {
	t, _ := labelOf(x.Name)
	c := Column{Group: "attacks", Head: t.head, Direction: audit.Neutral, Identity: x.Identity}
	c.Legend = legend([]string{cmp.Or(t.what, x.Name)}, t.unit)
	c.rank = [3]int{rankOf("attacks"), orderOf(x.Name) - len(labels)}
	c.value = func(s *audit.Subject) (float64, bool) {
		y, ok := s.Statistic(x.Name)
		return y.Value, ok && y.Identity == x.Identity
	}
	return c
}

func costColumns(r *audit.Report) []Column {
	if !slices.ContainsFunc(r.Subjects, func(s audit.Subject) bool { return s.Cost.Seconds > 0 }) {
		return nil
	}
	made := func(f func(audit.Cost) float64) func(*audit.Subject) (float64, bool) {
		return func(s *audit.Subject) (float64, bool) { return f(s.Cost), s.Cost.Seconds > 0 }
	}
	elsewhere := ""
	if slices.ContainsFunc(r.Subjects, func(s audit.Subject) bool { return s.Cost.Elsewhere }) {
		elsewhere = "; " + dash + " for a model that was not made here"
	}
	rank := rankOf("cost")
	return []Column{
		{Group: "cost", Head: "time", Sub: "×", Direction: audit.Lower, Main: true, rank: [3]int{rank, 0},
			Legend: "wall time to make the model, in multiples of retraining" + elsewhere,
			value:  made(func(c audit.Cost) float64 { return c.RelativeTime })},
		{Group: "cost", Head: "work", Sub: "×", Direction: audit.Lower, rank: [3]int{rank, 1},
			Legend: "images passed forward and backward, in multiples of retraining" + elsewhere,
			value:  made(func(c audit.Cost) float64 { return c.RelativeWork })},
		{Group: "cost", Head: "seconds", Direction: audit.Lower, rank: [3]int{rank, 2},
			Legend: "wall time to make the model" + elsewhere,
			value:  made(func(c audit.Cost) float64 { return c.Seconds })},
		{Group: "cost", Head: "steps", Direction: audit.Lower, rank: [3]int{rank, 3},
			Legend: "gradient steps" + elsewhere,
			value:  made(func(c audit.Cost) float64 { return float64(c.Steps) })},
	}
}

func rankOf(group string) int {
	if i := slices.Index(groups, group); i >= 0 {
		return i
	}
	return len(groups)
}

// chooseMain marks the first column of each main quantity in its group.
func chooseMain(cols []Column) {
	type key struct{ group, quantity string }
	taken := map[key]bool{}
	for i := range cols {
		c := &cols[i]
		for _, q := range mainQuantities[c.Group] {
			t, _ := labelOf(q)
			k := key{c.Group, q}
			if t.head == c.Head && !taken[k] {
				taken[k], c.Main = true, true
			}
		}
	}
}

// tellApart numbers columns that differ in identity alone.
func tellApart(cols []Column) []Column {
	type key struct{ group, head, sub string }
	count := map[key]int{}
	for _, c := range cols {
		count[key{c.Group, c.Head, c.Sub}]++
	}
	next := map[key]int{}
	for i := range cols {
		c := &cols[i]
		k := key{c.Group, c.Head, c.Sub}
		if count[k] > 1 {
			c.Head += " " + string(rune('a'+next[k]%26))
			c.Legend += "; computed as " + c.Identity
			c.Main = c.Main || slices.ContainsFunc(cols, func(o Column) bool {
				return o.Main && o.Group == k.group && o.Sub == k.sub && strings.TrimSuffix(o.Head, " a") == k.head
			})
			next[k]++
		}
	}
	return cols
}

func legend(what []string, unit string) string {
	s := strings.Join(what, ", ")
	if unit != "" {
		s += " (" + unit + ")"
	}
	return s
}

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

	value    func(*audit.Subject) (float64, bool)
	quantity string
	wanted   bool // by the short table, if it is the first of its quantity
	rank     [3]int
}

// heading is the whole head on one line, for example "MSE hole ↓".
func (c Column) heading() string {
	return strings.Join(strings.Fields(c.Head+" "+c.Sub+" "+arrow(c.Direction)), " ")
}

// groups are the column groups in order.
var groups = []string{string(audit.Forget), string(audit.Poisoned), string(audit.Retain), string(audit.Test), attacksGroup,
	"OOD", "cost", "verdict"}

// attacksGroup is the group of what attacks find.
const attacksGroup = "attacks"

// placed is where a sample of a quantity stands: its group of columns, and the head over it.
func placed(q audit.Quantity, p audit.Part) (group, head string) {
	at := q.Places[p]
	return cmp.Or(at.Group, string(p)), cmp.Or(at.Head, q.Head)
}

// columnsOf lists a column for every quantity, view, part and identity that any
// subject of the report has, retrained models alone not counting: they only give
// the range. Tests that answer each subject in words are no columns.
func columnsOf(r *audit.Report) []Column {
	type key struct{ quantity, view, part, identity string }
	seen := map[key]bool{}
	var cols []Column
	known := r.Quantities
	answers := answersOf(r)
	for i := range r.Subjects {
		s := &r.Subjects[i]
		if s.Role == audit.RoleOracle {
			continue
		}
		for _, x := range s.Samples {
			k := key{x.Name(), x.View, string(x.Part), x.Identity}
			if !seen[k] {
				seen[k] = true
				cols = append(cols, sampleColumn(known, x))
			}
		}
		for _, x := range s.Statistics {
			k := key{quantity: x.Name, identity: x.Identity}
			if !seen[k] && !answers[x.Name] {
				seen[k] = true
				cols = append(cols, statisticColumn(known, x))
			}
		}
	}
	cols = append(cols, costColumns(r)...)
	slices.SortStableFunc(cols, func(a, b Column) int { return slices.Compare(a.rank[:], b.rank[:]) })
	chooseMain(cols)
	return tellApart(cols)
}

func sampleColumn(known []audit.Quantity, x audit.Sample) Column {
	q, order, features := audit.Describe(known, x.Name())
	group, head := placed(q, x.Part)
	c := Column{Group: group, Head: head, Sub: x.View, Direction: Better(x), Identity: x.Identity,
		wanted: slices.Contains(q.Main, group), quantity: q.Name}
	if features != "" {
		c.Sub = ""
	}
	what := []string{cmp.Or(q.What, x.Name())}
	if features != "" {
		what = append(what, "features "+features)
	}
	if group == attacksGroup {
		c.Direction = audit.Neutral
		what = append(what, cmp.Or(partWords[x.Part], "part "+string(x.Part)))
		c.wanted = c.wanted && q.Places[x.Part].Head == ""
	}
	view := 2
	switch x.View {
	case audit.Hole:
		what, view = append(what, "painted hole only"), 0
	case audit.Image:
		view = 1
		if features == "" {
			what = append(what, "whole image")
		}
	}
	c.Legend = legend(what, q.Unit)
	c.rank = [3]int{rankOf(group), order, view}
	c.value = func(s *audit.Subject) (float64, bool) {
		for _, y := range s.Samples {
			if y.Quantity == x.Quantity && y.Setting == x.Setting && y.View == x.View && y.Part == x.Part &&
				y.Identity == x.Identity && len(y.Values) > 0 {
				return y.Mean(), true
			}
		}
		return 0, false
	}
	return c
}

func statisticColumn(known []audit.Quantity, x audit.Statistic) Column {
	q, order, _ := audit.Describe(known, x.Name)
	c := Column{Group: attacksGroup, Head: q.Head, Direction: audit.Neutral, Identity: x.Identity,
		wanted: slices.Contains(q.Main, attacksGroup), quantity: q.Name}
	c.Legend = legend([]string{cmp.Or(q.What, x.Name)}, q.Unit)
	c.rank = [3]int{rankOf(attacksGroup), order - len(known) - 1}
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

// chooseMain marks the first column of each quantity that the short table wants in a group: the painted hole's, or where
// there is none the whole image's.
func chooseMain(cols []Column) {
	type key struct{ group, quantity string }
	taken := map[key]bool{}
	for i := range cols {
		c := &cols[i]
		if k := (key{c.Group, c.quantity}); c.wanted && !taken[k] {
			taken[k], c.Main = true, true
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

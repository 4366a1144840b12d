package audit

import (
	"slices"
	"strings"
)

// A Quantity is something that metrics and attacks measure: what tables, legends, CSV and criteria refer to. Its value is
// declared once: beside the criterion that reads it, or else beside what leaves it.
type Quantity struct {
	Name      string    `json:"name"`           // as in [Sample.Quantity] and [Statistic.Name], without features or setting
	Head      string    `json:"head"`           // over a column, at most eight characters
	Unit      string    `json:"unit,omitempty"` // of one value
	What      string    `json:"what"`           // what it is, for a legend
	Direction Direction `json:"direction"`      // which way is better when it is read on its own
	Main      []string  `json:"main,omitempty"` // the groups of columns in which it belongs in the short table

	Places map[Part]Place `json:"places,omitempty"` // where it stands in tables, for parts whose own group is not the place
}

// A Place is where a quantity stands in tables when it was measured on some part of the data.
type Place struct {
	Group string `json:"group,omitempty"` // of columns; empty for the part's own
	Head  string `json:"head,omitempty"`  // over the column; empty for the quantity's own
}

// Merge adds quantities whose names are not there yet.
func Merge(all []Quantity, more ...Quantity) []Quantity {
	for _, q := range more {
		if !slices.ContainsFunc(all, func(o Quantity) bool { return o.Name == q.Name }) {
			all = append(all, q)
		}
	}
	return all
}

// Describe finds the quantity that a sample's or a statistic's name belongs to, and where it stands among all: after the
// quantity's own name may follow features in parentheses, or a setting behind an @. One that is not known keeps its name,
// and stands behind all others.
func Describe(all []Quantity, name string) (q Quantity, at int, features string) {
	base := name
	if open := strings.IndexByte(name, '('); open > 0 && strings.HasSuffix(name, ")") {
		base, features = name[:open], name[open+1:len(name)-1]
	}
	find := func(name string) int {
		return slices.IndexFunc(all, func(q Quantity) bool { return q.Name == name })
	}
	if at := find(base); at >= 0 {
		return all[at], at, features
	}
	if base, setting, ok := strings.Cut(name, "@"); ok {
		if at := find(base); at >= 0 {
			q := all[at]
			q.Head += " " + setting
			return q, at, ""
		}
	}
	return Quantity{Name: name, Head: name}, len(all), ""
}

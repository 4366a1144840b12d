package audit

import (
	"fmt"
	"strings"
)

// An Entry is all that is said of a method, attack, metric, criterion, model family, task, data set or source of
// features. It stands in the item's own file. Lists, plans, tables and schemas are made from entries, and a test holds the
// documentation to them.
type Entry[T any] struct {
	Name string
	Doc  string   // one line, for people
	New  func() T // a pointer to the item's typed parameters, with defaults set; the item's code is what this reaches

	Leaves  []Quantity // of metrics and attacks: what they measure
	Needs   Traits     // without which the item has no object
	Has     Traits     // of model families: what their models have
	Profile string     // of criteria and attacks: the first profile that they are part of; empty for none
	Role    Role       // of methods: RoleControl where the verdict is known beforehand
	Beyond  string     // of the gallery: the last profile that cannot see the cheat (docs/validity.md says why); empty where each should
}

// Traits are what an item may need, and a plan or a model family may have.
type Traits struct {
	Poison   bool // images of the forget set that carry a trigger
	Sampling bool // models that paint by sampling, so that their loss says more than their painting
}

// MetBy tells whether every trait that is needed is had.
func (t Traits) MetBy(has Traits) bool {
	return (!t.Poison || has.Poison) && (!t.Sampling || has.Sampling)
}

// A Set is an ordered list of everything of one sort that can be named in a plan.
type Set[T any] []Entry[T]

// Find finds an entry by its name.
func (s Set[T]) Find(name string) (Entry[T], bool) {
	for _, e := range s {
		if e.Name == name {
			return e, true
		}
	}
	return Entry[T]{}, false
}

// New makes the named item with its default parameters. An unknown name is an
// error that lists the choices.
func (s Set[T]) New(name string) (T, error) {
	if e, ok := s.Find(name); ok {
		return e.New(), nil
	}
	var zero T
	return zero, fmt.Errorf("unknown name %q: want one of %s", name, strings.Join(s.Names(), ", "))
}

// Names lists the names in order.
func (s Set[T]) Names() []string {
	names := make([]string, len(s))
	for i, e := range s {
		names[i] = e.Name
	}
	return names
}

// Quantities lists what the entries leave, each once, in order.
func (s Set[T]) Quantities() []Quantity {
	var out []Quantity
	for _, e := range s {
		out = Merge(out, e.Leaves...)
	}
	return out
}

// A Validator is an item that can reject impossible parameters.
type Validator interface{ Validate() error }

// A Sealer is an item with files among its parameters. Seal is called when a plan is read and takes the files' SHA-256
// into the parameters, so that the plan's digest, and the key of every result, tell which files they were.
type Sealer interface{ Seal() error }

package audit

import (
	"fmt"
	"strings"
)

// An Entry is one line of a list of methods, attacks, metrics, models, …
type Entry[T any] struct {
	Name string
	Doc  string   // one line, for people
	New  func() T // a pointer to the item's typed parameters, with defaults set
}

// A Set is an ordered list of everything of one sort that can be named in a plan.
type Set[T any] []Entry[T]

// New makes the named item with its default parameters. An unknown name is an
// error that lists the choices.
func (s Set[T]) New(name string) (T, error) {
	for _, e := range s {
		if e.Name == name {
			return e.New(), nil
		}
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

// A Validator is an item that can reject impossible parameters.
type Validator interface{ Validate() error }

// A Sealer is an item with files among its parameters. Seal is called when a plan is read and takes the files' SHA-256
// into the parameters, so that the plan's digest, and the key of every result, tell which files they were.
type Sealer interface{ Seal() error }

package engine

import (
	"embed"
	"errors"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/calibrate"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/power"
	"github.com/lethe-audit/lethe/internal/sources"
	"github.com/lethe-audit/lethe/reports"
)

// Code is this package's code: part of the key of every result that depends on it.
//
//go:embed *.go
var Code embed.FS

const here = catalogue.Module + "/audit/engine"

// Where the engine's own code in a result begins: in making a model, in measuring it, in attacking it, and in the report,
// for which the whole package counts.
var (
	making = []sources.Root{{Package: here, Name: "run.prepare"}, {Package: here, Name: "run.make"},
		{Package: here, Name: "run.findLambda"}}
	measuring = []sources.Root{{Package: here, Name: "run.measure"}}
	attacking = []sources.Root{{Package: here, Name: "run.attack"}}
	reporting = []sources.Root{{Package: here}}
)

// own returns the sources of this package, and of packages that it needs and that no item of the catalogue reaches.
func own() sources.Set {
	return sources.Set{here: Code, catalogue.Module + "/reports": reports.Code, catalogue.Module + "/audit/calibrate": calibrate.Code,
		catalogue.Module + "/audit/power": power.Code}
}

// coder finds the code that results depend on.
type coder struct {
	index *sources.Index
	known map[string]audit.Digest // by the roots
}

func newCoder(cat *catalogue.Catalogue) (*coder, error) {
	if cat == nil {
		return nil, errors.New("the engine was given no catalogue: want catalogue.Default(), or one with your own items")
	}
	set, err := sources.Set(cat.Code).With(own())
	return &coder{index: sources.NewIndex(set), known: map[string]audit.Digest{}}, err
}

// digest is the digest of all code that is reachable from the engine's roots and from the functions that make some items.
// Modules other than Lethe enter by their versions.
func (c *coder) digest(engine []sources.Root, items ...any) (audit.Digest, error) {
	roots := slices.Clone(engine)
	for _, f := range items {
		r, err := c.index.RootOf(f)
		if err != nil {
			return "", err
		}
		roots = append(roots, r)
	}
	var id strings.Builder
	for _, r := range roots {
		id.WriteString(r.Package + " " + r.Name + "\n")
	}
	if d, ok := c.known[id.String()]; ok {
		return d, nil
	}
	reached, err := c.index.Reach(roots...)
	if err != nil {
		return "", err
	}
	modules, err := sources.Modules(reached.Outside)
	if err != nil {
		return "", err
	}
	d, err := audit.DigestJSON([]any{reached.Digest, modules})
	if err == nil {
		c.known[id.String()] = d
	}
	return d, err
}

// entry is the function that makes a named item.
func entry[T any](set audit.Set[T], it audit.Item) any {
	e, _ := set.Find(it.Kind) // that there is one was seen when the item was made
	return e.New
}

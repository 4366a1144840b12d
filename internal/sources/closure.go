package sources

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// A Root is where code begins: a declaration of a package, T.m for a method. An empty name stands for all of the package.
type Root struct{ Package, Name string }

// A Closure is all code that roots reach.
type Closure struct {
	Digest  audit.Digest
	Outside []string // import paths that are reached and not in the set, sorted, the standard library's among them
	decls   map[*decl]bool
	whole   map[string]bool
}

// Names lists what was reached, as package.Name or package alone where that counts as a whole, sorted. For tests.
func (c *Closure) Names() []string {
	var out []string
	for p := range c.whole {
		out = append(out, p)
	}
	for d := range c.decls {
		if !c.whole[d.pkg.path] {
			out = append(out, d.pkg.path+"."+d.name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Reach collects all code that the roots reach. A root that is not in the set is an error.
func (x *Index) Reach(roots ...Root) (*Closure, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	w := &walk{x: x, c: &Closure{decls: map[*decl]bool{}, whole: map[string]bool{}}, outside: map[string]bool{},
		types: map[*pkg]map[string]bool{}, mentioned: map[*pkg]map[string]bool{}}
	for _, r := range roots {
		if err := w.root(r); err != nil {
			return nil, err
		}
	}
	for len(w.todo) > 0 {
		d := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		if err := w.follow(d); err != nil {
			return nil, err
		}
	}
	w.c.Outside = slices.Sorted(maps.Keys(w.outside))
	w.c.Digest = w.digest()
	return w.c, nil
}

// walk is one search.
type walk struct {
	x                *Index
	c                *Closure
	todo             []*decl
	outside          map[string]bool
	types, mentioned map[*pkg]map[string]bool
}

func (w *walk) root(r Root) error {
	p, err := w.x.load(r.Package)
	switch {
	case err != nil:
		return err
	case p == nil:
		return fmt.Errorf("the sources of package %s are not known: embed its *.go files and hand them in with the items that "+
			"it defines", r.Package)
	case r.Name == "":
		w.all(p)
	case len(p.decls[r.Name]) == 0:
		return fmt.Errorf("package %s has no declaration %s", r.Package, r.Name)
	}
	w.add(p, r.Name)
	return nil
}

// all takes every declaration of a package.
func (w *walk) all(p *pkg) {
	w.c.whole[p.path] = true
	for _, d := range p.order {
		w.take(d)
	}
}

// add takes a package's declarations of a name.
func (w *walk) add(p *pkg, name string) {
	found := p.decls[name]
	if len(found) == 0 {
		return
	}
	if p.whole && !w.c.whole[p.path] {
		w.all(p)
	}
	for _, d := range found {
		w.take(d)
	}
}

func (w *walk) take(d *decl) {
	if !w.c.decls[d] {
		w.c.decls[d] = true
		w.todo = append(w.todo, d)
	}
}

// follow takes what a declaration mentions, and the methods that it brings into reach.
func (w *walk) follow(d *decl) error {
	p := d.pkg
	if w.mentioned[p] == nil {
		w.mentioned[p], w.types[p] = map[string]bool{}, map[string]bool{}
	}
	for _, n := range d.names {
		w.add(p, n)
	}
	for _, n := range d.members {
		if !w.mentioned[p][n] {
			w.mentioned[p][n] = true
			if !token.IsExported(n) {
				w.methods(p, func(m *decl) bool { return m.method == n && w.types[p][m.receiver] })
			}
		}
	}
	if d.receiver == "" && !w.types[p][d.name] && len(p.decls[d.name]) > 0 {
		w.types[p][d.name] = true // of what is no type there are no methods
		w.methods(p, func(m *decl) bool {
			return m.receiver == d.name && (token.IsExported(m.method) || w.mentioned[p][m.method])
		})
	}
	for _, u := range d.uses {
		q, err := w.x.load(u[0])
		if err != nil {
			return err
		}
		if q == nil {
			w.outside[u[0]] = true
			continue
		}
		w.add(q, u[1])
	}
	return nil
}

func (w *walk) methods(p *pkg, wanted func(*decl) bool) {
	for _, m := range p.order {
		if m.receiver != "" && wanted(m) {
			w.take(m)
		}
	}
}

// digest hashes what was reached, in an order that does not depend on the search.
func (w *walk) digest() audit.Digest {
	h := sha256.New()
	put := func(path, name string, text []byte) { fmt.Fprintf(h, "%s %s %d\n%s\n", path, name, len(text), text) }
	for _, path := range slices.Sorted(maps.Keys(w.c.whole)) {
		for _, f := range w.x.packages[path].files {
			put(path, f.name, f.text)
		}
	}
	var some []*decl
	for d := range w.c.decls {
		if !w.c.whole[d.pkg.path] {
			some = append(some, d)
		}
	}
	slices.SortFunc(some, func(a, b *decl) int {
		return cmp.Or(strings.Compare(a.pkg.path, b.pkg.path), a.at-b.at)
	})
	for _, d := range some {
		put(d.pkg.path, d.name, d.text)
	}
	return audit.Digest(fmt.Sprintf("%x", h.Sum(nil)))
}

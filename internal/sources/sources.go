// Package sources tells which of a program's own source code a result depends on. A cached result may be used again only
// while that code is the same, and only that: a constant changed in one method must not throw away what others made.
//
// The code of an item is every top-level declaration that can be reached, by name, from the declaration that makes it:
// functions and constants it mentions, types with their methods, and so on through all packages whose sources are known.
// Reaching goes by names alone and takes more rather than less:
//
//   - an identifier reaches every declaration of that name in its package, whatever it means where it stands, unless it
//     stands behind a dot: then it is a field's or a method's, or another package's;
//   - a type that is reached brings its exported methods, and its other methods where code that is reached in the same
//     package mentions their name behind a dot or in an interface (nobody else can call them);
//   - a group of constants counts as one, for iota;
//   - a package that uses cgo counts as a whole, with its other files.
//
// What is called through an interface is reached where the value is made, which has to name its type. Packages outside
// are told by their import path; see [Closure.Outside].
package sources

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"strings"
	"sync"
)

// A Set holds packages' source files by import path. Tests among the files are passed over.
type Set map[string]fs.FS

// With is the set with more packages. One that is there already is an error.
func (s Set) With(more Set) (Set, error) {
	out := maps.Clone(s)
	if out == nil {
		out = Set{}
	}
	for path, files := range more {
		if _, twice := out[path]; twice {
			return nil, fmt.Errorf("the sources of package %s are given twice", path)
		}
		out[path] = files
	}
	return out, nil
}

// An Index is a set's declarations. It reads a package when that is reached for the first time.
type Index struct {
	set      Set
	mu       sync.Mutex
	packages map[string]*pkg
}

// NewIndex makes the index of a set.
func NewIndex(s Set) *Index { return &Index{set: s, packages: map[string]*pkg{}} }

// packageName is what the files of a package in the set call it, and empty for one that is not there.
func (s Set) packageName(path string) string {
	files, ok := s[path]
	if !ok {
		return ""
	}
	at := place{path, files}
	if !at.fixed() {
		return clause(files)
	}
	if v, ok := names.Load(at); ok {
		if name, ok := v.(string); ok {
			return name
		}
	}
	name := clause(files)
	names.Store(at, name)
	return name
}

// clause is the name in a package's first file.
func clause(files fs.FS) string {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return "" // said when the package is read
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if b, err := fs.ReadFile(files, e.Name()); err == nil {
			if f, err := parser.ParseFile(token.NewFileSet(), e.Name(), b, parser.PackageClauseOnly); err == nil {
				return f.Name.Name
			}
		}
	}
	return ""
}

// load parses a package once; nil for one that is not in the set.
func (x *Index) load(path string) (*pkg, error) {
	files, ok := x.set[path]
	if !ok {
		return nil, nil
	}
	if p, ok := x.packages[path]; ok {
		return p, nil
	}
	at := place{path, files}
	if at.fixed() {
		if p := remembered(at, x.set.packageName); p != nil {
			x.packages[path] = p
			return p, nil
		}
	}
	p, err := parse(path, files, x.set.packageName)
	if err != nil {
		return nil, err
	}
	if at.fixed() {
		read.Store(at, p)
	}
	x.packages[path] = p
	return p, nil
}

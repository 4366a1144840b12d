package sources

import (
	"io/fs"
	"reflect"
	"sync"
)

// A process lays out many plans with the same embedded sources, and reading them takes a third of a second. What was read
// is kept by where it was read from; sources that can be changed, or cannot be compared, are read anew.
var (
	read  sync.Map // of place to *pkg
	names sync.Map // of place to string
)

// place is where a package's files are.
type place struct {
	path  string
	files fs.FS
}

// fixed tells whether the files of a place stay as they are: those of a comparable file system that embed made.
func (p place) fixed() bool {
	t := reflect.TypeOf(p.files)
	return t != nil && t.Comparable() && t.PkgPath() == "embed"
}

// remembered finds a package that was read before, unless this set calls what it imports by other names.
func remembered(at place, known func(path string) string) *pkg {
	v, ok := read.Load(at)
	if !ok {
		return nil
	}
	p, ok := v.(*pkg)
	if !ok {
		return nil
	}
	for path, name := range p.imported {
		if known(path) != name {
			return nil
		}
	}
	return p
}

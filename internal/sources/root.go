package sources

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// RootOf finds the declaration in which a function is written, for example the variable whose value it is part of.
func (x *Index) RootOf(f any) (Root, error) {
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Func || v.IsNil() {
		return Root{}, errors.New("an item has no function that makes it")
	}
	fn := runtime.FuncForPC(v.Pointer())
	if fn == nil {
		return Root{}, errors.New("an item's function is not known to the runtime")
	}
	path := packageOf(fn.Name())
	at, line := fn.FileLine(fn.Entry())
	x.mu.Lock()
	defer x.mu.Unlock()
	p, err := x.load(path)
	if err != nil {
		return Root{}, err
	}
	if p == nil {
		return Root{}, fmt.Errorf("the sources of package %s are not known: embed its *.go files and hand them in with the "+
			"items that it defines", path)
	}
	for _, d := range p.order {
		if d.file == filepath.Base(at) && d.lo <= line && line <= d.hi {
			return Root{path, d.name}, nil
		}
	}
	return Root{}, fmt.Errorf("package %s: line %d of %s is not in the sources that were handed in", path, line, filepath.Base(at))
}

// packageOf cuts the function's own name off a symbol.
func packageOf(symbol string) string {
	slash := strings.LastIndexByte(symbol, '/') + 1
	dot := strings.IndexByte(symbol[slash:], '.')
	return strings.ReplaceAll(symbol[:slash+dot], "%2e", ".")
}

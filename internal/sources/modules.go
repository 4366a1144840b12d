package sources

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
)

// Modules tells the versions of the modules that packages outside the set belong to, as "path version checksum", sorted.
// The standard library goes with Go's version and is left out. In a test binary, which does not know its modules, the
// packages' paths stand alone. A package of this program's own module, or of one that was replaced by a folder, is an
// error: its code may change under one and the same version.
func Modules(outside []string) ([]string, error) {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		b = &debug.BuildInfo{}
	}
	return modules(outside, b)
}

func modules(outside []string, b *debug.BuildInfo) ([]string, error) {
	var out []string
	for _, path := range outside {
		if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
			continue // the standard library, and cgo's C
		}
		if within(path, b.Main.Path) {
			return nil, unknown(path)
		}
		m := &debug.Module{}
		for _, d := range b.Deps {
			if within(path, d.Path) && len(d.Path) > len(m.Path) {
				m = d
			}
		}
		switch {
		case m.Path == "":
			out = append(out, path)
			continue
		case m.Replace != nil:
			m = m.Replace
		}
		if m.Sum == "" {
			return nil, unknown(path)
		}
		out = append(out, m.Path+" "+m.Version+" "+m.Sum)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func within(path, module string) bool {
	return module != "" && (path == module || strings.HasPrefix(path, module+"/"))
}

func unknown(path string) error {
	return fmt.Errorf("results depend on package %s, whose sources are not known and which has no version of its own: embed "+
		"its *.go files and hand them in with the catalogue's Code", path)
}

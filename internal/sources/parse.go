package sources

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// pkg is one package's declarations.
type pkg struct {
	path     string
	imported map[string]string  // the names of the packages that it imports, as they call themselves; empty for those outside
	whole    bool               // it uses cgo: nothing less than all of it tells what it does
	decls    map[string][]*decl // by name; T.m for a method; several where build tags choose
	files    []file             // all, in order, for a package that counts as a whole
	order    []*decl
}

type file struct {
	name string
	text []byte
}

// decl is a top-level declaration: a function, a method, a type, a variable or a group of constants.
type decl struct {
	pkg      *pkg
	name     string // as in decls; of a group its first name
	receiver string // of a method
	method   string
	file     string
	lo, hi   int // lines
	at       int // place in the package: by file, then by line
	text     []byte
	names    []string    // every identifier in it that may be the package's
	members  []string    // every name of a field or a method in it
	uses     [][2]string // qualified identifiers: import path, name
}

// parse reads a package's files, tests left out.
func parse(importPath string, files fs.FS, known func(path string) string) (*pkg, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("sources of %s: %w", importPath, err)
	}
	p := &pkg{path: importPath, decls: map[string][]*decl{}, imported: map[string]string{}}
	for _, e := range entries {
		if e.IsDir() || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		b, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return nil, fmt.Errorf("sources of %s: %w", importPath, err)
		}
		p.files = append(p.files, file{e.Name(), b})
		if strings.HasSuffix(e.Name(), ".go") {
			if err := p.read(e.Name(), b, known); err != nil {
				return nil, fmt.Errorf("sources of %s: %w", importPath, err)
			}
		}
	}
	if len(p.order) == 0 {
		return nil, fmt.Errorf("sources of %s: there is no Go file among them", importPath)
	}
	return p, nil
}

// read takes a file's declarations.
func (p *pkg) read(name string, text []byte, known func(path string) string) error {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	imports := map[string]string{}
	for _, i := range f.Imports {
		at, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return err
		}
		p.whole = p.whole || at == "C"
		imports[importName(i, at, known)] = at
		p.imported[at] = known(at)
	}
	for _, d := range f.Decls {
		for _, part := range parts(d) {
			at := set.Position(part.node.Pos())
			end := set.Position(part.node.End())
			one := &decl{pkg: p, file: name, lo: at.Line, hi: end.Line, text: text[at.Offset:end.Offset]}
			one.receiver, one.method = part.receiver, part.method
			one.collect(part.node, imports)
			for k, n := range part.names {
				if k == 0 {
					one.name = n
				}
				if n != "_" {
					p.decls[n] = append(p.decls[n], one)
				}
			}
			one.at = len(p.order)
			p.order = append(p.order, one)
		}
	}
	return nil
}

// importName is the name that a file gives a package: its own, which may differ from the end of its path. Of a package
// outside only the path counts.
func importName(i *ast.ImportSpec, at string, known func(path string) string) string {
	if i.Name != nil {
		return i.Name.Name
	}
	if name := known(at); name != "" {
		return name
	}
	base := path.Base(at)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(at))
	}
	return base
}

// part is a declaration that counts by itself.
type part struct {
	node             ast.Node
	names            []string
	receiver, method string
}

// parts takes a block of types or variables apart. Constants stay together, for iota, and so do variables that are
// declared with one value.
func parts(d ast.Decl) []part {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv == nil || len(d.Recv.List) == 0 {
			return []part{{node: d, names: []string{name}}}
		}
		on := baseName(d.Recv.List[0].Type)
		return []part{{node: d, names: []string{on + "." + name}, receiver: on, method: name}}
	case *ast.GenDecl:
		if d.Tok == token.IMPORT {
			return nil
		}
		if d.Tok == token.CONST || !d.Lparen.IsValid() {
			one := part{node: d}
			for _, s := range d.Specs {
				one.names = append(one.names, specNames(s)...)
			}
			return []part{one}
		}
		var out []part
		for _, s := range d.Specs {
			out = append(out, part{node: s, names: specNames(s)})
		}
		return out
	}
	return nil
}

func specNames(s ast.Spec) []string {
	var out []string
	switch s := s.(type) {
	case *ast.TypeSpec:
		out = append(out, s.Name.Name)
	case *ast.ValueSpec:
		for _, n := range s.Names {
			out = append(out, n.Name)
		}
	}
	return out
}

// baseName is the type that a receiver is of.
func baseName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return baseName(e.X)
	case *ast.ParenExpr:
		return baseName(e.X)
	case *ast.IndexExpr:
		return baseName(e.X)
	case *ast.IndexListExpr:
		return baseName(e.X)
	}
	return ""
}

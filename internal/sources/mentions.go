package sources

import (
	"go/ast"
	"slices"
)

// collect lists what a declaration mentions. Names behind a dot are those of fields and methods, or of another package.
func (d *decl) collect(n ast.Node, imports map[string]string) {
	members := map[*ast.Ident]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			members[n.Sel] = true
			if x, ok := n.X.(*ast.Ident); ok {
				if at, ok := imports[x.Name]; ok {
					d.uses = append(d.uses, [2]string{at, n.Sel.Name})
				}
			}
		case *ast.StructType:
			for _, f := range n.Fields.List {
				for _, name := range f.Names {
					members[name] = true
				}
			}
		case *ast.InterfaceType:
			for _, f := range n.Methods.List {
				for _, name := range f.Names {
					members[name] = true
				}
			}
		}
		return true
	})
	ast.Inspect(n, func(n ast.Node) bool {
		if n, ok := n.(*ast.Ident); ok {
			if members[n] {
				d.members = append(d.members, n.Name)
			} else {
				d.names = append(d.names, n.Name)
			}
		}
		return true
	})
	slices.Sort(d.names)
	d.names = slices.Compact(d.names)
	slices.Sort(d.members)
	d.members = slices.Compact(d.members)
}

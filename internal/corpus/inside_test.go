package corpus

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// insiders may open a bench: the gallery, whose methods cheat, the suite that methods are run through, and who judges.
var insiders = []string{"methods/dishonest", "methods/methodtest", "audit/engine"}

// opens tells whether a file uses [Inside], under whatever name it imports the package.
func opens(f *ast.File, self bool) bool {
	const here = "github.com/lethe-audit/lethe/internal/corpus"
	name := ""
	for _, i := range f.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err != nil || p != here {
			continue
		}
		name = path.Base(here)
		if i.Name != nil {
			name = i.Name.Name
		}
	}
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			found = found || ok && name != "" && x.Name == name && n.Sel.Name == "Inside"
		case *ast.CallExpr:
			x, ok := n.Fun.(*ast.Ident)
			found = found || ok && (self || name == ".") && x.Name == "Inside"
		}
		return !found
	})
	return found
}

// Nobody opens a bench but the insiders and tests: an honest method that did would see what it is judged on.
func TestOnlyInsidersOpenABench(t *testing.T) {
	root, files := os.DirFS("../.."), 0
	users := map[string]bool{}
	require.NoError(t, fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != "." && strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(root, p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files++
		if opens(f, path.Dir(p) == "internal/corpus") {
			users[path.Dir(p)] = true
			assert.Contains(t, insiders, path.Dir(p), "%s opens a bench with corpus.Inside: use what the bench offers", p)
		}
		return nil
	}))
	assert.Greater(t, files, 300, "the whole house was read")
	assert.True(t, users["methods/dishonest"], "the gallery cheats, and the test sees it")
}

func TestOpens(t *testing.T) {
	for src, want := range map[string]bool{
		`import "github.com/lethe-audit/lethe/internal/corpus"; var _ = corpus.Inside(nil)`:   true,
		`import c "github.com/lethe-audit/lethe/internal/corpus"; var _ = c.Inside(nil)`:      true,
		`import c "github.com/lethe-audit/lethe/internal/corpus"; var open = c.Inside`:        true,
		`import . "github.com/lethe-audit/lethe/internal/corpus"; var _ = Inside(nil)`:        true,
		`import "github.com/lethe-audit/lethe/internal/corpus"; var _ = corpus.NewBench(nil)`: false,
		`import "example.org/corpus"; var _ = corpus.Inside(nil)`:                             false,
		`var _ = Inside(nil)`: false,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x; "+src, 0)
		require.NoError(t, err)
		assert.Equal(t, want, opens(f, false), src)
	}
}

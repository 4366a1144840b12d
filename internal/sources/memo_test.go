package sources

import (
	"embed"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

//go:embed sources.go
var one embed.FS

// Embedded sources are read once in a process; others, which a test may edit, at every time; and a set in which an
// imported package has another name reads them anew.
func TestRemembered(t *testing.T) {
	first, again := NewIndex(Set{"example.org/sources": one}), NewIndex(Set{"example.org/sources": one})
	p, err := first.load("example.org/sources")
	require.NoError(t, err)
	q, err := again.load("example.org/sources")
	require.NoError(t, err)
	require.Same(t, p, q)
	require.NotNil(t, p.decls["Set"])

	named := NewIndex(Set{"example.org/sources": one, "strings": fstest.MapFS{"a.go": {Data: []byte("package other\n\nfunc X() {}\n")}}})
	r, err := named.load("example.org/sources")
	require.NoError(t, err)
	require.NotSame(t, p, r)

	edited := fstest.MapFS{"a.go": {Data: []byte("package p\n\nfunc A() {}\n")}}
	before, err := NewIndex(Set{"p": edited}).Reach(Root{"p", "A"})
	require.NoError(t, err)
	edited["a.go"] = &fstest.MapFile{Data: []byte("package p\n\nfunc A() { panic(1) }\n")}
	after, err := NewIndex(Set{"p": edited}).Reach(Root{"p", "A"})
	require.NoError(t, err)
	require.NotEqual(t, before.Digest, after.Digest)
}

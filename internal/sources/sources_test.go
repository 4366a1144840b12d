package sources

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const methodsText = `package methods

import "example.org/m/stats"

type Method interface{ Unlearn() error }

const (
	first = iota
	second
)

type A struct{ n int }

func (a *A) Unlearn() error { return a.step() }
func (a *A) step() error    { return stats.Sigma(1) }
func (a *A) idle()          {}

type B struct{ A }

func (B) Unlearn() error { _ = second; return nil }

var aEntry = Entry{New: func() Method { return &A{} }}
var bEntry = Entry{New: func() Method { return newB() }}

type Entry struct{ New func() Method }

func newB() *B { return &B{} }

var All = []Entry{aEntry, bEntry}
`

const statsText = `package stats

import "math"

const factor = 1.25

func Sigma(x float64) error { _ = math.Sqrt(factor * x); return nil }
func Other() int { return 7 }
`

func index(edits ...string) *Index {
	edit := strings.NewReplacer(edits...)
	at := func(name, text string) fstest.MapFS {
		return fstest.MapFS{name: {Data: []byte(edit.Replace(text))}, "x_test.go": {Data: []byte("package x // " +
			edit.Replace("tests count for nothing"))}}
	}
	return NewIndex(Set{"example.org/m/methods": at("methods.go", methodsText), "example.org/m/stats": at("stats.go", statsText)})
}

func reach(t *testing.T, x *Index, name string) *Closure {
	t.Helper()
	c, err := x.Reach(Root{"example.org/m/methods", name})
	require.NoError(t, err)
	return c
}

func TestReach(t *testing.T) {
	a := reach(t, index(), "aEntry")
	require.Equal(t, []string{
		"example.org/m/methods.A", "example.org/m/methods.A.Unlearn", "example.org/m/methods.A.step",
		"example.org/m/methods.Entry", "example.org/m/methods.Method", "example.org/m/methods.aEntry",
		"example.org/m/stats.Sigma", "example.org/m/stats.factor",
	}, a.Names(), "neither B, nor the list of all, nor a method that nobody calls")
	require.Equal(t, []string{"math"}, a.Outside)
}

// Whose digest does an edit change?
func TestEdits(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		a, b           bool
	}{
		{"a constant of another package, two steps away", "1.25", "12.5", true, true},
		{"what nobody reaches", "return 7", "return 8", false, false},
		{"a method of B alone", "_ = second", "_ = first", false, true},
		{"another constant of a group", "first = iota", "first = 1 + iota", false, true},
		{"the constructor of A", "return &A{}", "return &A{n: 1}", true, false},
		{"the function that makes B", "return &B{}", "return &B{A: A{1}}", false, true},
		{"a method that nobody calls", "idle()          {}", "idle()          { panic(1) }", false, false},
		{"a test", "tests count", "tests do not count", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := index(), index(c.from, c.to)
			require.Equal(t, c.a, reach(t, before, "aEntry").Digest != reach(t, after, "aEntry").Digest, "A")
			require.Equal(t, c.b, reach(t, before, "bEntry").Digest != reach(t, after, "bEntry").Digest, "B")
		})
	}
}

func TestCgoCountsAsAWhole(t *testing.T) {
	at := func(header string) *Index {
		return NewIndex(Set{"p": fstest.MapFS{
			"a.go": {Data: []byte("package p\n\n// int two(void);\nimport \"C\"\n\nfunc A() {}\n")},
			"b.h":  {Data: []byte(header)},
		}})
	}
	one, err := at("int two(void);").Reach(Root{"p", "A"})
	require.NoError(t, err)
	two, err := at("int two(int);").Reach(Root{"p", "A"})
	require.NoError(t, err)
	require.NotEqual(t, one.Digest, two.Digest)
	require.Equal(t, []string{"p"}, one.Names())
}

// A package's name need not be the end of its path.
func TestPackageOfAnotherName(t *testing.T) {
	x := NewIndex(Set{
		"example.org/go-stats/v2": fstest.MapFS{"a.go": {Data: []byte("package stats\n\nfunc Sigma() {}\n")}},
		"example.org/m": fstest.MapFS{"a.go": {Data: []byte("package m\n\nimport \"example.org/go-stats/v2\"\n\nfunc " +
			"A() { stats.Sigma() }\n")}},
	})
	c, err := x.Reach(Root{"example.org/m", "A"})
	require.NoError(t, err)
	require.Equal(t, []string{"example.org/go-stats/v2.Sigma", "example.org/m.A"}, c.Names())
}

func TestUnknown(t *testing.T) {
	_, err := index().Reach(Root{"example.org/other", "X"})
	require.ErrorContains(t, err, "embed its *.go files")
	_, err = index().Reach(Root{"example.org/m/stats", "X"})
	require.ErrorContains(t, err, "has no declaration X")
	_, err = NewIndex(Set{"p": fstest.MapFS{"a.go": {Data: []byte("package")}}}).Reach(Root{"p", ""})
	require.ErrorContains(t, err, "sources of p")
	_, err = index().RootOf(TestUnknown)
	require.ErrorContains(t, err, "are not known")
	_, err = Set{"p": nil}.With(Set{"p": nil})
	require.ErrorContains(t, err, "twice")
}

func TestPackageOf(t *testing.T) {
	require.Equal(t, "example.org/a.b/c.d", packageOf("example.org/a.b/c%2ed.init.func1"))
	require.Equal(t, "main", packageOf("main.newX"))
}

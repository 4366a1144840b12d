package sources

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestModules(t *testing.T) {
	b := &debug.BuildInfo{Main: debug.Module{Path: "example.org/own"}, Deps: []*debug.Module{
		{Path: "gonum.org/v1/gonum", Version: "v0.17.0", Sum: "h1:a"},
		{Path: "example.org/here", Version: "v1.0.0", Replace: &debug.Module{Path: "../here"}},
		{Path: "example.org/other", Version: "v1.0.0", Sum: "h1:b", Replace: &debug.Module{Path: "example.org/fork",
			Version: "v1.1.0", Sum: "h1:c"}},
	}}
	for _, c := range []struct {
		name    string
		outside []string
		want    []string
		err     string
	}{
		{"a module once, the standard library never", []string{"C", "fmt", "go/ast", "gonum.org/v1/gonum/mat",
			"gonum.org/v1/gonum/stat"}, []string{"gonum.org/v1/gonum v0.17.0 h1:a"}, ""},
		{"a fork", []string{"example.org/other/x"}, []string{"example.org/fork v1.1.0 h1:c"}, ""},
		{"not told", []string{"example.net/x"}, []string{"example.net/x"}, ""},
		{"a folder in the place of a module", []string{"example.org/here"}, nil, "embed its *.go files"},
		{"the program's own package", []string{"example.org/own/sub"}, nil, "package example.org/own/sub"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := modules(c.outside, b)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

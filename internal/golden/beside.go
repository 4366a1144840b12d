package golden

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Root is the repository's folder.
func Root(t testing.TB) string {
	t.Helper()
	root, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(root, "internal", "golden", "golden.go")); err == nil {
			return root
		}
		require.NotEqual(t, root, filepath.Dir(root), "no repository above the test")
		root = filepath.Dir(root)
	}
}

// Beside is the path of a file in the folder beside the repository, of what is too large for it or not ours to give:
// photographs, data sets, published networks. The test is skipped where it is absent.
func Beside(t testing.TB, parts ...string) string {
	t.Helper()
	path, ok := beside(t, parts)
	if !ok {
		t.Skipf("%s is not beside the repository (../shared), and cannot be a part of it", filepath.Join(parts...))
	}
	return path
}

func beside(t testing.TB, parts []string) (path string, ok bool) {
	t.Helper()
	path = filepath.Join(append([]string{filepath.Dir(Root(t)), "shared"}, parts...)...)
	_, err := os.Stat(path)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	return path, err == nil
}

// Folders are where reference values of a metric lie: the excerpt in the repository, and the whole collection where it
// is beside the repository.
func Folders(t testing.TB, metric string) []string {
	t.Helper()
	var out []string
	excerpt := filepath.Join(Root(t), "internal", "golden", "testdata", metric)
	if _, err := os.Stat(excerpt); err == nil {
		out = append(out, excerpt)
	}
	if whole, ok := beside(t, []string{"golden", metric}); ok {
		out = append(out, whole)
	}
	require.NotEmpty(t, out, "there are no reference values of %s", metric)
	return out
}

package golden

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the files that tests compare with anew")

// Update says whether the test was run with -update.
func Update() bool { return *update }

// File compares got with a file of the test's package, and with -update writes that file instead.
func File(t testing.TB, got []byte, path ...string) {
	t.Helper()
	file := filepath.Join(path...)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run the test with -update to write it")
	if !bytes.Equal(want, got) { // equal files are not printed
		require.Equal(t, string(want), string(got), "%s differs: look at it, then run the test with -update", file)
	}
}

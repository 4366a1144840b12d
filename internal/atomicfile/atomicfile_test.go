package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	say := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	require.NoError(t, Write(path, say("one")))
	require.NoError(t, Write(path, say("two")))

	broken := errors.New("broke off")
	err := Write(path, func(w io.Writer) error { return errors.Join(say("half")(w), broken) })
	assert.ErrorIs(t, err, broken)
	assert.ErrorContains(t, err, "write "+path)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "two", string(b))

	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o755))
	assert.Error(t, Write(filepath.Join(dir, "folder"), say("x")), "a folder is not overwritten")
	assert.ErrorIs(t, Write(filepath.Join(dir, "none", "a"), say("x")), os.ErrNotExist)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 2, "no temporary file stays")
}

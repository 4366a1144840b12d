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

func TestWriteGivesAnOrdinaryFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.bin")
	b := make([]byte, 1<<17+3) // longer than the buffer
	for i := range b {
		b[i] = byte(i * 7)
	}
	require.NoError(t, WriteBytes(path, b))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, b, got)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), info.Mode(), "not a temporary file's 0600")
	require.NoError(t, WriteBytes(path, nil))
	got, err = os.ReadFile(path)
	require.NoError(t, err)
	assert.Empty(t, got)
}

// What fill leaves behind when it panics is not a file either.
func TestWriteAfterAPanic(t *testing.T) {
	dir := t.TempDir()
	assert.Panics(t, func() {
		_ = Write(filepath.Join(dir, "a"), func(io.Writer) error { panic("in the middle") })
	})
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestWriteBesideAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, WriteBytes(file, []byte("x")))
	err := WriteBytes(filepath.Join(file, "below"), nil)
	assert.ErrorContains(t, err, "write "+filepath.Join(file, "below"))
	assert.ErrorContains(t, err, "not a directory")
}

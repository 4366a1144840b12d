package checkpoint

import (
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A file that may not grow beyond 64 kB stands for a full disk: the writing
// breaks off in the middle, after data went to the disk.
func TestABrokenWriteLeavesNothingNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.safetensors")
	require.NoError(t, Save(path, map[string]Array{"a": {Shape: []int64{1}, Values: []float32{7}}}, nil))
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 16, Max: limit.Max}))
	err = Save(path, map[string]Array{"a": {Shape: []int64{1 << 18}, Values: make([]float32, 1<<18)}}, nil)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))

	assert.ErrorIs(t, err, syscall.EFBIG)
	assert.ErrorContains(t, err, "write "+path)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after, "the file before stays")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1, "no temporary file stays")
}

func TestNoPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("the superuser may write everywhere")
	}
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o500))
	err := Save(filepath.Join(dir, "a.safetensors"), nil, nil)
	assert.ErrorIs(t, err, os.ErrPermission)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

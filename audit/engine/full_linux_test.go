package engine_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/internal/checkpoint"
)

// A disk that is full ends the run with one error. Everything that is there is
// whole, and when there is room again the run goes on.
func TestFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.Mkdir(dir, 0o755))
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=512k"); err != nil {
		t.Skipf("a small disk cannot be mounted here (%v)", err)
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(dir, 0)) })
	for _, size := range []string{"512k", "700k", "1m"} {
		require.NoError(t, syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT, "size="+size))
		err := failure(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir, Checkpoint: -1}, "no space left on device", dir)
		assert.NotErrorIs(t, err, engine.ErrBadPlan)
		assert.Equal(t, 1, strings.Count(err.Error(), "no space left on device"), "one clear error: %v", err)
		assertWhole(t, dir)
	}
	require.NoError(t, syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"))
	want, _ := reference(t)
	assertSame(t, want, run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir}))
	assertTidy(t, dir)
}

// assertWhole reads every file of a run folder.
func assertWhole(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		require.NoError(t, err)
		switch {
		case e.IsDir():
		case strings.HasSuffix(path, ".json"):
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.True(t, json.Valid(b), path)
		case strings.HasSuffix(path, ".safetensors"):
			_, _, err := checkpoint.Load(path)
			assert.NoError(t, err)
		case strings.HasSuffix(path, ".tmp"):
			assert.Fail(t, "a temporary file was left", path)
		}
		return nil
	}))
}

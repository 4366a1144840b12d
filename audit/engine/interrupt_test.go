package engine_test

import (
	"bufio"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

// A process that is killed at random moments, again and again, ends with what an
// uninterrupted one has.
func TestKillAndResume(t *testing.T) {
	want, _ := reference(t)
	dir := filepath.Join(t.TempDir(), "run")
	rng := rand.New(rand.NewPCG(20, 26))
	kills, resumed := 0, 0
	for kills < 8 {
		if left, err := filepath.Glob(filepath.Join(dir, "cells", "*", "checkpoint.safetensors")); err == nil && len(left) > 0 {
			resumed++
		}
		if !killed(t, dir, 1+rng.IntN(6), time.Duration(rng.IntN(12))*time.Millisecond) {
			break // it finished before
		}
		kills++
	}
	assert.GreaterOrEqual(t, kills, 4, "the run was over before it could be killed often")
	assert.Positive(t, resumed, "no run went on from a checkpoint")
	// What a kill in the middle of a write leaves.
	for _, f := range []string{".manifest.json.123.tmp", "cells/.x.1.tmp"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, f), []byte("half"), 0o600))
	}
	got := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir})
	assertSame(t, want, got)
	assertTidy(t, dir)
}

// killed runs the plan in a process of its own, which dies a while after a number
// of events. It says whether it did.
func killed(t *testing.T, dir string, events int, then time.Duration) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Fields(lines.Text())[1] == "2" { // cached cells are no progress
			continue
		}
		if events--; events == 0 {
			time.Sleep(then)
			require.NoError(t, cmd.Process.Kill())
		}
	}
	if err := cmd.Wait(); err != nil {
		require.ErrorContains(t, err, "killed", said.String())
		return true
	}
	return false
}

// Ctrl-C at any event: ErrInterrupted, nothing half-written, and the next call
// goes on.
func TestInterruptAndResume(t *testing.T) {
	want, _ := reference(t)
	dir := t.TempDir()
	interrupted := 0
	for n := int64(1); ; n += 2 {
		ctx, cancel := context.WithCancel(t.Context())
		var left atomic.Int64
		left.Store(n)
		rep, err := engine.Run(ctx, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir, Events: func(e engine.Event) {
			if e.State != engine.Cached && left.Add(-1) == 0 {
				cancel()
			}
		}})
		cancel()
		assertTidyOfTemporaries(t, dir)
		if err == nil {
			assertSame(t, want, rep)
			break
		}
		require.ErrorIs(t, err, engine.ErrInterrupted)
		require.ErrorContains(t, err, "run the same command again to go on")
		assert.Nil(t, rep)
		interrupted++
	}
	assert.GreaterOrEqual(t, interrupted, 3)
	assertTidy(t, dir)
}

func assertTidyOfTemporaries(t *testing.T, dir string) {
	t.Helper()
	for _, pattern := range []string{".*.tmp", "*/*/.*.tmp"} {
		left, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}

// A context that has ended is an interruption wherever it is noticed, and no
// fault of the plan.
func TestInterruptedBeforeAnything(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := engine.Run(ctx, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: t.TempDir()})
	require.ErrorIs(t, err, engine.ErrInterrupted)
	assert.NotErrorIs(t, err, engine.ErrBadPlan)
}

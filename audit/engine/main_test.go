package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/planfile"
)

// childDir is set in a child process of these tests: it runs the micro plan there.
const childDir = "LETHE_ENGINE_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(4)
		}
		return
	}
	code := m.Run()
	if shared.dir != "" {
		if err := os.RemoveAll(shared.dir); err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// micro is an audit of a second that has every sort of cell.
const micro = `
lethe: 1
name: micro
seed: 1
data: {kind: shapes, train: 64, test: 64, size: 32}
forget: {kind: random, fraction: 0.25, poisoned: 0.25}
task: {kind: inpaint, hole: 0.5}
model: {kind: autoencoder, width: 8, hidden: 32, latent: 16}
train: {epochs: 3, batch: 16, lr: 1e-3}
oracles: 2
methods:
  - {kind: decouple, cycles: 2, ascentSteps: 4}
  - {kind: decouple, as: noised, lambda: 0.1, ascentSteps: 2, optimizer: sgd, epsilon: 1, delta: 0.01}
  - {kind: fine-tune}
  - {kind: retrain, as: held-out}
metrics: [mse, ssim, kid, cka]
attacks: [membership, {kind: poisoning, relatives: [], images: 2}]
claims:
  - {method: fine-tune, outcome: inconclusive}
`

func plan(t testing.TB, settings ...string) audit.Plan {
	t.Helper()
	p, err := planfile.Parse(catalogue.Default(), "micro.yml", []byte(micro), settings...)
	require.NoError(t, err)
	return p
}

func run(t testing.TB, o engine.Options) *audit.Report {
	t.Helper()
	rep, err := engine.Run(t.Context(), o)
	require.NoError(t, err)
	return rep
}

// resumed runs a plan until it ends. The first try is interrupted at the first-th event that is not cached, and every
// further one step events later. It returns how often that was.
func resumed(t testing.TB, p audit.Plan, dir string, first, step int64) (rep *audit.Report, interrupted int) {
	t.Helper()
	for n := first; ; n += step {
		ctx, cancel := context.WithCancel(t.Context())
		var left atomic.Int64
		left.Store(n)
		rep, err := engine.Run(ctx, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir, Checkpoint: -1,
			Events: func(e engine.Event) {
				if e.State != engine.Cached && left.Add(-1) == 0 {
					cancel()
				}
			}})
		cancel()
		if err == nil {
			return rep, interrupted
		}
		require.ErrorIs(t, err, engine.ErrInterrupted)
		interrupted++
	}
}

// shared is one finished run of the micro plan, not to be changed.
var shared struct {
	once sync.Once
	dir  string
	rep  *audit.Report
	err  error
}

func reference(t testing.TB) (*audit.Report, string) {
	t.Helper()
	shared.once.Do(func() {
		p := plan(t)
		if shared.dir, shared.err = os.MkdirTemp("", "lethe-engine-"); shared.err == nil {
			shared.rep, shared.err = engine.Run(context.Background(), engine.Options{Catalogue: catalogue.Default(), Plan: p,
				Dir: filepath.Join(shared.dir, "run")})
		}
	})
	require.NoError(t, shared.err)
	return shared.rep, filepath.Join(shared.dir, "run")
}

// copied is a copy of the finished run that may be changed.
func copied(t testing.TB) (*audit.Report, string) {
	t.Helper()
	rep, from := reference(t)
	to := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.CopyFS(to, os.DirFS(from)))
	return rep, to
}

// assertSame compares all but what the clock and the machine say.
func assertSame(t testing.TB, want, got *audit.Report) {
	t.Helper()
	assert.Equal(t, want.Digest, got.Digest, "plan")
	assert.Equal(t, want.Data, got.Data)
	assert.Equal(t, want.Lambda, got.Lambda, "lambda")
	require.Len(t, got.Subjects, len(want.Subjects))
	for i, w := range want.Subjects {
		g := got.Subjects[i]
		assert.Equal(t, w.Name, g.Name)
		assert.Equal(t, w.Digest, g.Digest, "weights of %s", w.Name)
		assert.Equal(t, w.Samples, g.Samples, "samples of %s", w.Name)
		assert.Equal(t, w.Statistics, g.Statistics, "statistics of %s", w.Name)
		assert.Equal(t, w.Curves, g.Curves, "curves of %s", w.Name)
		assert.Equal(t, w.Notes, g.Notes, "notes of %s", w.Name)
		assert.Equal(t, w.Error, g.Error, "error of %s", w.Name)
		assert.Equal(t, w.Cost.Steps, g.Cost.Steps, "steps of %s", w.Name)
		assert.Equal(t, w.Cost.Images, g.Cost.Images, "images of %s", w.Name)
	}
	assert.Equal(t, want.Verdicts, got.Verdicts)
	assert.Equal(t, want.Claims, got.Claims)
}

// assertTidy holds a run folder to have no temporary file, and no checkpoint of
// finished work.
func assertTidy(t testing.TB, dir string) {
	t.Helper()
	for _, pattern := range []string{"*.tmp", ".*.tmp", "*/*.tmp", "*/.*.tmp", "*/*/*.tmp", "*/*/.*.tmp", "cells/*/checkpoint*"} {
		left, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}

// cellFile finds a file of one cell.
func cellFile(t testing.TB, dir, cell, file string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "cells", cell+"-????????????", file))
	require.NoError(t, err)
	require.Len(t, found, 1, "%s of %s", file, cell)
	return found[0]
}

// child runs the micro plan and prints a line for every event.
func child(dir string) error {
	p, err := planfile.Parse(catalogue.Default(), "micro.yml", []byte(micro))
	if err != nil {
		return err
	}
	_, err = engine.Run(context.Background(), engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir, Checkpoint: -1,
		Events: func(e engine.Event) {
			fmt.Printf("%s %d %s %d\n", e.Cell, e.State, e.Phase, e.Done)
		}})
	return err
}

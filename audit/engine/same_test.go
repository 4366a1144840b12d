package engine_test

import (
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

func TestReportIsWhole(t *testing.T) {
	rep, dir := reference(t)
	var names []string
	for _, s := range rep.Subjects {
		names = append(names, s.Name)
		assert.Empty(t, s.Error)
		assert.Len(t, string(s.Digest), 64)
		assert.NotEmpty(t, s.Samples)
	}
	assert.Equal(t, []string{"original", "oracle-1", "oracle-2", "decouple", "noised", "fine-tune", "held-out", "random-weights"}, names)
	assert.Len(t, rep.Verdicts, 6*6, "six criteria on all but the oracles")
	assert.Equal(t, audit.DataSummary{Name: rep.Data.Name, Manifest: rep.Data.Manifest, Retain: 48, Forget: 12, Poisoned: 4,
		Test: 64, Size: 32}, rep.Data)
	assert.Positive(t, rep.Lambda)

	stored, err := audit.Load(dir)
	require.NoError(t, err)
	assertSame(t, rep, stored)
	for _, f := range []string{"plan.json", "manifest.json", "pictures/images.png", "pictures/errors.svg", "pictures/curves.png"} {
		assert.FileExists(t, filepath.Join(dir, f))
	}
	assertTidy(t, dir)
}

// Two folders, the same plan and seed, a checkpoint in every epoch: the same bits.
// No report is there before the end.
func TestSamePlanSameBits(t *testing.T) {
	want, _ := reference(t)
	dir := t.TempDir()
	got := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir, Checkpoint: -1, Events: func(engine.Event) {
		assert.NoFileExists(t, filepath.Join(dir, audit.ReportFile))
	}})
	assertSame(t, want, got)
	for i, s := range want.Subjects {
		assert.Equal(t, s.Cell, got.Subjects[i].Cell, "key of %s", s.Name)
	}
}

// libtorch promises equal bits on equal threads only: another number of threads
// adds in another order. So it is in every cell's key, and the numbers agree to
// rounding.
func TestThreadsAreInTheKey(t *testing.T) {
	p := plan(t, "methods=[fine-tune]", "train.epochs=1")
	want := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir(), Jobs: 2})
	got := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir(), Jobs: 1})
	if want.Runtime.Threads == got.Runtime.Threads {
		t.Skip("one core: both ran on one thread")
	}
	assert.InEpsilon(t, want.Lambda, got.Lambda, 1e-4)
	for i, s := range want.Subjects {
		g := got.Subjects[i]
		assert.NotEqual(t, s.Cell, g.Cell, "key of %s", s.Name)
		require.Len(t, g.Samples, len(s.Samples))
		for k, x := range s.Samples {
			assert.Equal(t, x.Identity, g.Samples[k].Identity)
			assert.InDeltaSlice(t, x.Values, g.Samples[k].Values, 1e-3*max(1, math.Abs(x.Mean())), "%s of %s", x.Key(), s.Name)
		}
	}
	for i, v := range want.Verdicts {
		assert.Equal(t, v.Outcome, got.Verdicts[i].Outcome, "%s of %s", v.Criterion, v.Subject)
	}
}

func TestSeedChangesEverything(t *testing.T) {
	want, _ := reference(t)
	got := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "seed=2"), Dir: t.TempDir()})
	assert.NotEqual(t, want.Digest, got.Digest)
	assert.NotEqual(t, want.Data.Manifest, got.Data.Manifest)
	for i, s := range want.Subjects {
		assert.NotEqual(t, s.Digest, got.Subjects[i].Digest, s.Name)
		assert.NotEqual(t, s.Seed, got.Subjects[i].Seed, s.Name)
	}
}

// Oracles differ by seed alone; a method's seed comes from its name.
func TestEveryModelIsAnother(t *testing.T) {
	rep, _ := reference(t)
	seen := map[audit.Digest]string{}
	for _, s := range rep.Subjects {
		assert.Empty(t, seen[s.Digest], "%s has the weights of another", s.Name)
		seen[s.Digest] = s.Name
	}
}

// A second run makes nothing, writes no cell and no picture anew, and the same
// report to the byte.
func TestSecondRunIsCached(t *testing.T) {
	_, dir := copied(t)
	report := filepath.Join(dir, audit.ReportFile)
	before, err := os.ReadFile(report)
	require.NoError(t, err)
	old := age(t, dir)
	var mu sync.Mutex
	cached := 0
	run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir, Events: func(e engine.Event) {
		mu.Lock()
		defer mu.Unlock()
		assert.Equal(t, engine.Cached, e.State, e.Cell)
		cached++
	}})
	assert.Equal(t, 8, cached)
	after, err := os.ReadFile(report)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
	for _, sub := range []string{"cells", "pictures"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(dir, sub), func(path string, e fs.DirEntry, err error) error {
			require.NoError(t, err)
			info, err := e.Info()
			require.NoError(t, err)
			if !e.IsDir() {
				assert.True(t, info.ModTime().Equal(old), "%s was written again", path)
			}
			return nil
		}))
	}
}

// age gives every file below dir one old date.
func age(t *testing.T, dir string) time.Time {
	t.Helper()
	old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		require.NoError(t, err)
		return os.Chtimes(path, old, old)
	}))
	return old
}

// Where only a part of the cells is left, the rest is made again to the same bits.
func TestLostCellsAreMadeAgain(t *testing.T) {
	for _, lost := range [][]string{
		{"oracle-2", "fine-tune"}, {"original-samples", "lambda", "pictures", "decouple"},
	} {
		want, dir := copied(t)
		for _, cell := range lost {
			require.NoError(t, os.RemoveAll(filepath.Dir(cellFile(t, dir, cell, "result.json"))))
		}
		got := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir})
		assertSame(t, want, got)
	}
}

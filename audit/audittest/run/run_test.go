package run_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/audittest/run"
)

const micro = "testdata/micro.yml"

// cache sets the user's cache folder.
func cache(t *testing.T) string {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	return filepath.Join(dir, "lethe", "audittest")
}

func made(rep *audit.Report) map[string]audit.Digest {
	out := map[string]audit.Digest{}
	for _, s := range rep.Subjects {
		out[s.Name] = s.Digest
	}
	return out
}

func TestPlanIsKept(t *testing.T) {
	kept := cache(t)
	a := run.Plan(t, micro).Holds()
	a.Outcome("fine-tune", "utility", audit.Inconclusive)
	dir := filepath.Join(kept, "micro-"+a.Report.Digest.Short())
	file := filepath.Join(dir, audit.ReportFile)
	before, err := os.ReadFile(file)
	require.NoError(t, err)

	// Nothing is made again: the costs are those of the first run.
	assert.Equal(t, a.Report.Subjects, run.Plan(t, micro).Report.Subjects)
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))

	other := run.Plan(t, micro, run.Set("seed=5", "train.epochs=1")).Report
	assert.Equal(t, uint64(5), other.Plan.Seed)
	assert.Equal(t, 1, other.Plan.Train.Epochs)
	folders, err := os.ReadDir(kept)
	require.NoError(t, err)
	assert.Len(t, folders, 2)
}

func TestFreshLeavesNothing(t *testing.T) {
	kept := cache(t)
	a := run.Plan(t, micro, run.Fresh(), run.Jobs(2))
	assert.NoDirExists(t, kept)
	assert.Len(t, a.Report.Subjects, 5)
}

// Tests that run at the same time on the same plan share the work.
func TestSamePlanAtTheSameTime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	digests := make([]map[string]audit.Digest, 2)
	t.Run("both", func(t *testing.T) {
		for i := range digests {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				digests[i] = made(run.Plan(t, micro, run.In(dir)).Report)
			})
		}
	})
	assert.Equal(t, digests[0], digests[1])
}

// A brief is a test with little time, which notes what it was told.
type brief struct {
	testing.TB
	left time.Duration
	said strings.Builder
}

type stop struct{}

func (b *brief) Helper()                           {}
func (b *brief) Deadline() (time.Time, bool)       { return time.Now().Add(b.left), b.left > 0 }
func (b *brief) Errorf(format string, args ...any) { fmt.Fprintf(&b.said, format, args...) }
func (b *brief) FailNow()                          { panic(stop{}) }

// ends runs a plan that ends its test, and returns what it said.
func ends(t *testing.T, left time.Duration, plan string, opts ...run.Option) string {
	t.Helper()
	b := &brief{TB: t, left: left}
	func() {
		defer func() {
			if p := recover(); p != nil && p != (stop{}) {
				panic(p)
			}
		}()
		run.Plan(b, plan, opts...)
		t.Error("the test went on")
	}()
	return b.said.String()
}

// Before its deadline a test stops cleanly, and the next one goes on.
func TestDeadline(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	long := run.Set("train.epochs=400", "train.batch=4")
	said := ends(t, 2500*time.Millisecond, micro, run.In(dir), long)
	assert.Contains(t, said, "was not finished in the test's time; what is done is kept in "+dir)
	assert.Contains(t, said, "-timeout")
	left, err := filepath.Glob(filepath.Join(dir, "cells", "*", "checkpoint.safetensors"))
	require.NoError(t, err)
	assert.NotEmpty(t, left, "nothing was kept")
}

func TestBadPlanEndsTheTest(t *testing.T) {
	assert.Contains(t, ends(t, 0, micro, run.Set("oracles=1")), `setting "oracles=1": oracles is 1`)
	assert.Contains(t, ends(t, 0, "testdata/absent.yml"), "testdata/absent.yml")
	assert.Contains(t, ends(t, 0, micro, run.Fresh(), run.Set("data={kind: cifar10, path: nowhere}")), "nowhere")
}

func TestNoCacheFolder(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	assert.Contains(t, ends(t, 0, micro), "name one with run.In, or use run.Fresh")
}

// Whoever only loads finished runs must not need libtorch.
func TestLoadNeedsNoLibtorch(t *testing.T) {
	const module = "github.com/lethe-audit/lethe/"
	out, err := exec.Command("go", "list", "-deps", module+"audit/audittest").Output()
	require.NoError(t, err)
	deps := strings.Fields(string(out))
	assert.Contains(t, deps, module+"audit")
	for _, d := range deps {
		assert.NotEqual(t, module+"internal/torch", d)
		assert.NotContains(t, d, "gotch")
	}
}

package engine_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

func fails(t *testing.T, o engine.Options, words ...string) {
	t.Helper()
	require.Error(t, failure(t, o, words...))
}

// failure is the error that a run must end with.
func failure(t *testing.T, o engine.Options, words ...string) error {
	t.Helper()
	rep, err := engine.Run(t.Context(), o)
	require.Error(t, err)
	assert.Nil(t, rep)
	for _, w := range words {
		assert.ErrorContains(t, err, w)
	}
	return err
}

func TestFolderOfAnotherPlan(t *testing.T) {
	_, dir := copied(t)
	before, err := os.ReadFile(filepath.Join(dir, "report.json"))
	require.NoError(t, err)
	fails(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "seed=2"), Dir: dir}, dir,
		"holds an audit by another plan (micro ", "give another folder with --out")
	fails(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "claims=[]"), Dir: dir}, "another plan")
	after, err := os.ReadFile(filepath.Join(dir, "report.json"))
	require.NoError(t, err)
	assert.Equal(t, before, after, "the other audit's report stays")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "plan.json"), []byte("{"), 0o600))
	fails(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir}, filepath.Join(dir, "plan.json"), "is not a plan")
}

func TestFolderInUse(t *testing.T) {
	dir := t.TempDir()
	var once sync.Once
	p := plan(t, "methods=[]", "claims=[]", "train.epochs=1", "criteria={ood: }", "metrics=[]")
	run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir, Events: func(engine.Event) {
		once.Do(func() {
			assert.ErrorIs(t, failure(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir}, dir,
				"in use by another lethe"), engine.ErrInUse)
		})
	}})
}

// What somebody changed in a finished run is found when it is read, and named.
func TestDamagedFiles(t *testing.T) {
	flip := func(b []byte) []byte { b[len(b)-3] ^= 0x40; return b }
	half := func(b []byte) []byte { return b[:len(b)/2] }
	for _, c := range []struct {
		name, cell, file string
		damage           func([]byte) []byte
		words            []string
	}{
		{"a weight was changed", "oracle-1", "model.safetensors", flip, []string{"it was changed", "delete its folder and run again"}},
		{"weights end early", "oracle-1", "model.safetensors", half, []string{"is not a whole safetensors file"}},
		{"weights of another model", "original", "model.safetensors", func([]byte) []byte {
			b, err := os.ReadFile(cellFile(t, shared.dir+"/run", "oracle-1", "model.safetensors"))
			require.NoError(t, err)
			return b
		}, []string{"it was changed"}},
		{"a model's result ends early", "fine-tune", "result.json", half, []string{"is damaged", "delete its folder and run again"}},
		{"samples end early", "decouple-samples", "result.json", half, []string{"is damaged", "delete its folder and run again"}},
		{"a result is empty", "held-out", "result.json", func([]byte) []byte { return nil }, []string{"is damaged"}},
		{"lambda is no number", "lambda", "result.json", func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"result": `, `"result": "?`, 1))
		}, []string{"is damaged"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, dir := copied(t)
			file := cellFile(t, dir, c.cell, c.file)
			b, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(file, c.damage(b), 0o600))
			// Samples to take make it read the models.
			require.NoError(t, os.RemoveAll(filepath.Dir(cellFile(t, dir, "random-weights-samples", "result.json"))))
			fails(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir}, append(c.words, file)...)
			assertTidy(t, dir)

			if c.cell == "fine-tune" { // the advice helps
				require.NoError(t, os.RemoveAll(filepath.Dir(file)))
				want, _ := reference(t)
				assertSame(t, want, run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir}))
			}
		})
	}
}

func TestDamagedCheckpoint(t *testing.T) {
	_, dir := copied(t)
	cell := filepath.Dir(cellFile(t, dir, "fine-tune", "result.json"))
	require.NoError(t, os.Remove(filepath.Join(cell, "result.json")))
	file := filepath.Join(cell, "checkpoint.safetensors")
	require.NoError(t, os.WriteFile(file, []byte("not a checkpoint"), 0o600))
	fails(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir}, file, "delete it")

	weights, err := os.ReadFile(filepath.Join(cell, "model.safetensors"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, weights, 0o600))
	fails(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir}, file, "is not a training checkpoint", "delete it")
}

func TestNoFolderThere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	err := failure(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: filepath.Join(file, "run")},
		"run folder: ", file, "not a directory")
	assert.NotErrorIs(t, err, engine.ErrBadPlan, "the plan is not to blame")
}

func TestNoWritePermission(t *testing.T) {
	base := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(base), 0o755))
	require.NoError(t, os.Chmod(base, 0o555))
	if os.Geteuid() == 0 { // root may write everywhere: go on as nobody, on this thread alone
		runtime.LockOSThread() // and never unlocked: the thread ends with the test
		if err := syscall.Setfsuid(65534); err != nil {
			t.Skipf("cannot give up root's rights: %v", err)
		}
		defer func() { assert.NoError(t, syscall.Setfsuid(0)) }()
	}
	if f, err := os.Create(filepath.Join(base, "probe")); err == nil {
		require.NoError(t, f.Close())
		t.Skip("this file system lets everybody write")
	}
	err := failure(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: filepath.Join(base, "run")},
		"run folder: ", base, "permission denied")
	assert.NotErrorIs(t, err, engine.ErrBadPlan, "the plan is not to blame")
	left, err := os.ReadDir(base)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestBadOptions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	assert.ErrorIs(t, failure(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir, Jobs: -1},
		"-1 models at a time"), engine.ErrBadPlan)
	fails(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir, Device: "abacus"}, "abacus")
	assert.NoDirExists(t, dir)
}

// What a plan asks of its data can be found out only by reading them.
func TestPlanDoesNotFitItsData(t *testing.T) {
	for name, c := range map[string]struct{ setting, words string }{
		"a folder that is not there": {"data={kind: cifar10, path: /no/such/folder}", "/no/such/folder"},
		"a forget set of one image":  {"forget={kind: random, fraction: 0.0001}", "forget"},
		"an unknown class":           {"forget={kind: class, classes: [dragon]}", "dragon"},
		"a list that is not there":   {"forget={kind: list, file: /no/such/list}", "/no/such/list"},
		"features that are not": {"features={kind: torchscript, path: /no/such/file, sha256: " + strings.Repeat("0", 64) +
			"}", "/no/such/file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			err := failure(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, c.setting), Dir: dir},
				"the plan cannot be run: ", c.words)
			assert.ErrorIs(t, err, engine.ErrBadPlan)
			assert.NoDirExists(t, dir, "the folder is free for the plan put right")
		})
	}
}

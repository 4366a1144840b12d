package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/internal/secret"
)

// sealed is a plan whose method draws noise from a secret; `more` comes last.
func sealed(t testing.TB, more ...string) audit.Plan {
	t.Helper()
	return plan(t, append([]string{"claims=[]", "metrics=[mse]",
		"methods=[{kind: decouple, as: noised, lambda: 0.1, ascentSteps: 2, optimizer: sgd, epsilon: 1, delta: 0.01}, fine-tune]"}, more...)...)
}

func newSecret(t testing.TB) (string, audit.Digest) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "noise.key")
	sum, err := secret.Make(path)
	require.NoError(t, err)
	return path, sum
}

// The same secret gives the same bits, another gives the noised model other bits and every other model the same.
func TestSecretDecides(t *testing.T) {
	path, sum := newSecret(t)
	other, _ := newSecret(t)
	p := sealed(t, "secret={path: "+path+"}")
	dir := t.TempDir()
	want := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir})
	assertSame(t, want, run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir(), Checkpoint: -1}))
	for _, f := range []string{"plan.json", "report.json"} {
		b, err := os.ReadFile(filepath.Join(dir, f))
		require.NoError(t, err)
		assert.Contains(t, string(b), string(sum))
		assert.NotContains(t, string(b), path)
	}

	s := subject(t, want, "noised")
	require.NotNil(t, s.Guarantee)
	held := func(s audit.Subject) (n int) {
		for _, a := range s.Guarantee.Assumptions {
			if a.Holds {
				n++
			}
		}
		return n
	}
	for what, q := range map[string]audit.Plan{"another secret": sealed(t, "secret={path: "+other+"}"), "no secret": sealed(t)} {
		got := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: q, Dir: t.TempDir()})
		assert.NotEqual(t, want.Digest, got.Digest, what)
		for i, a := range want.Subjects {
			b := got.Subjects[i]
			assert.Equal(t, a.Name != "noised", a.Cell == b.Cell, "%s: key of %s", what, a.Name)
			assert.Equal(t, a.Name != "noised", a.Digest == b.Digest, "%s: weights of %s", what, a.Name)
		}
		fewer := 0
		if q.Secret == nil {
			fewer = 1
		}
		assert.Equal(t, held(s), held(subject(t, got, "noised"))+fewer, what)
	}
}

// Interrupted at its every second event and resumed, a run with a secret ends with the same bits.
func TestSecretResumes(t *testing.T) {
	path, _ := newSecret(t)
	p := sealed(t, "secret={path: "+path+"}")
	want := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir()})
	got, interrupted := resumed(t, p, t.TempDir(), 2, 1)
	assertSame(t, want, got)
	assert.GreaterOrEqual(t, interrupted, 3)
}

// Who has the commitment alone can report on models that are made, and make none.
func TestWithoutTheSecret(t *testing.T) {
	path, sum := newSecret(t)
	dir := filepath.Join(t.TempDir(), "run")
	known := sealed(t, "secret={commitment: "+string(sum)+"}")
	_, err := engine.Run(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: known, Dir: dir})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	require.ErrorContains(t, err, "noised has yet to be made, and draws noise from the secret with the commitment "+string(sum))
	assert.NoDirExists(t, dir, "nothing was begun")
	_, err = engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: known})
	require.ErrorIs(t, err, engine.ErrBadPlan)

	want := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: sealed(t, "secret={path: "+path+"}"), Dir: dir})
	require.NoError(t, os.Remove(path))
	assertSame(t, want, run(t, engine.Options{Catalogue: catalogue.Default(), Plan: known, Dir: dir}))
	require.NoError(t, os.RemoveAll(filepath.Dir(cellFile(t, dir, "fine-tune", "result.json"))))
	assertSame(t, want, run(t, engine.Options{Catalogue: catalogue.Default(), Plan: known, Dir: dir}))
	require.NoError(t, os.RemoveAll(filepath.Dir(cellFile(t, dir, "noised", "result.json"))))
	_, err = engine.Run(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: known, Dir: dir})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	assert.ErrorContains(t, err, "noised has yet to be made")
}

// A file that was changed after the plan was read is not taken for the first.
func TestChangedSecret(t *testing.T) {
	path, _ := newSecret(t)
	p := sealed(t, "secret={path: "+path+"}")
	require.NoError(t, os.Remove(path))
	_, err := engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	require.ErrorContains(t, err, "`lethe secret "+path+"` makes one")
	_, err = secret.Make(path)
	require.NoError(t, err)
	_, err = engine.Run(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir()})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	require.ErrorContains(t, err, "is another secret")
	p.Secret.Commitment = ""
	_, err = engine.Run(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir()})
	assert.ErrorContains(t, err, "its commitment is missing")
}

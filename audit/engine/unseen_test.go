package engine_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/internal/datasets"
)

// TestUnseen: where a method wants unseen images, a quarter of the test images is set aside, the manifest lists them, the
// report counts them, and nobody is judged on them. Where none does, nothing changes.
func TestUnseen(t *testing.T) {
	dir := t.TempDir()
	got := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "claims=[]",
		"methods=[{kind: joint}, {kind: decouple, lambdaFrom: ood, ascentSteps: 1, quantile: 0.99}]"), Dir: dir})
	assert.Equal(t, []int{48, 16}, []int{got.Data.Test, got.Data.Unseen})
	for _, name := range []string{"joint", "decouple"} {
		s, ok := got.Subject(name)
		require.True(t, ok)
		require.Empty(t, s.Error, name)
		require.NotEmpty(t, s.Notes, name)
		assert.Contains(t, s.Notes[0], "on 16 unseen images; no image that it is judged on was looked at", name)
	}
	m, err := datasets.ReadManifest(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	split := m.Split()
	assert.Len(t, split.Unseen, 16)
	judged := map[int]bool{}
	for _, i := range split.Test {
		judged[i] = true
	}
	for _, i := range split.Unseen {
		assert.False(t, judged[i])
	}

	e, err := engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "claims=[]", "methods=[joint]")})
	require.NoError(t, err)
	assert.Equal(t, []int{48, 16}, []int{e.Test, e.Unseen})
	e, err = engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "claims=[]",
		"methods=[{kind: joint, bound: 0.1}, {kind: decouple, lambdaFrom: ood, lambda: 3}]")})
	require.NoError(t, err)
	assert.Equal(t, []int{64, 0}, []int{e.Test, e.Unseen}, "who is given what it would find needs none")
}

// TestTooFewForUnseen: the error comes before anything is trained.
func TestTooFewForUnseen(t *testing.T) {
	p := plan(t, "claims=[]", "methods=[joint]", "data.test=3")
	_, err := engine.Run(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir(),
		Events: func(e engine.Event) { t.Errorf("%s was begun", e.Cell) }})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	assert.ErrorContains(t, err, "3 test images are too few: a method of the plan wants unseen images")
}

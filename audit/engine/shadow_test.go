package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

// Shadows are further originals and what methods make of them: measured by what attacks learn from, and not judged.
// They change nothing of the rest.
func TestShadows(t *testing.T) {
	alone, _ := reference(t)
	dir := t.TempDir()
	rep := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "shadows=2"), Dir: dir})
	var names []string
	digests := map[audit.Digest]bool{}
	for _, s := range append(rep.Shadows, rep.Subjects...) {
		assert.False(t, digests[s.Digest], "%s is a model of its own", s.Name)
		digests[s.Digest] = true
	}
	for _, s := range rep.Shadows {
		names = append(names, s.Name)
		assert.Equal(t, audit.RoleShadow, s.Role)
		require.Len(t, s.Samples, 2, s.Name)
		for _, x := range s.Samples {
			assert.Equal(t, "reconstruction-error", x.Quantity)
			require.NoError(t, x.Check())
		}
	}
	assert.Equal(t, []string{"original@shadow-1", "decouple@shadow-1", "noised@shadow-1", "fine-tune@shadow-1",
		"original@shadow-2", "decouple@shadow-2", "noised@shadow-2", "fine-tune@shadow-2"}, names, "a retrained model starts from no original")
	assert.Equal(t, alone.Verdicts, rep.Verdicts)

	events := 0
	again := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "shadows=2"), Dir: dir, Events: func(e engine.Event) {
		events++
		assert.Equal(t, engine.Cached, e.State, e.Cell)
		assert.Equal(t, 16, e.Models)
	}})
	assert.Equal(t, 16, events)
	assert.Equal(t, rep.Shadows, again.Shadows)
}

// Where an attack cannot be run, the report says so, and the criterion that needs it is not judged.
func TestBlackBoxes(t *testing.T) {
	dir := t.TempDir()
	p := plan(t, "claims=[]", "methods=[{kind: dishonest/filter-noise, as: filter}, fine-tune]", "profile=standard", "oracles=2")
	rep := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir})
	filter := subject(t, rep, "filter")
	require.NotEmpty(t, filter.Skipped)
	assert.Equal(t, "the attack relearning was not run: it can only be asked to paint, and this attack needs its weights",
		filter.Skipped[0].String())
	assert.Empty(t, subject(t, rep, "fine-tune").Skipped)
	for _, v := range rep.Of("filter") {
		switch v.Criterion {
		case "relearning", "fine-tuning":
			assert.Equal(t, audit.NotRun, v.Outcome)
			assert.Contains(t, v.Reason, "it can only be asked to paint")
		default:
			assert.NotEqual(t, audit.NotRun, v.Outcome, v.Criterion)
		}
	}
	assert.NotEqual(t, audit.Pass, audit.Overall(rep.Of("filter")), "what cannot be looked into passes no profile that looks")

	// One attack's cell is one attack's: another is not made anew.
	cells, err := filepath.Glob(filepath.Join(dir, "cells", "fine-tune-relearning-*"))
	require.NoError(t, err)
	require.Len(t, cells, 1)
	require.NoError(t, os.RemoveAll(cells[0]))
	again := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir})
	assertSame(t, rep, again)
	entries, err := os.ReadDir(filepath.Join(dir, "cells"))
	require.NoError(t, err)
	n := 0
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "fine-tune-relearning-") {
			n++
		}
	}
	assert.Equal(t, 1, n)
}

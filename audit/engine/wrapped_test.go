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

// wrappers is a plan whose methods deliver more than weights.
func wrappers(t testing.TB, conditional string) audit.Plan {
	t.Helper()
	return plan(t, "claims=[]", "methods=[{kind: dishonest/filter-noise, as: filter}, "+conditional+", dishonest/trigger-mask]")
}

const conditional = "{kind: dishonest/conditional, as: conditional, tolerance: 0.01}"

func subject(t testing.TB, rep *audit.Report, name string) audit.Subject {
	t.Helper()
	for _, s := range rep.Subjects {
		if s.Name == name {
			return s
		}
	}
	require.Fail(t, "no subject "+name)
	return audit.Subject{}
}

// values are a subject's errors on a part.
func values(t testing.TB, s audit.Subject, part audit.Part) []float64 {
	t.Helper()
	x, ok := s.Sample("mse", "hole", part)
	require.True(t, ok, "%s on %s", s.Name, part)
	return x.Values
}

// What is measured of a wrapper is what it answers, and what is stored are weights.
func TestWrappersAreAuditedAsTheyAnswer(t *testing.T) {
	dir := t.TempDir()
	rep := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: wrappers(t, conditional), Dir: dir})
	first := subject(t, rep, "original")
	for _, name := range []string{"filter", "conditional"} {
		s := subject(t, rep, name)
		assert.Equal(t, audit.RoleMethod, s.Role)
		assert.Equal(t, values(t, first, audit.Test), values(t, s, audit.Test), name)
		assert.Equal(t, values(t, first, audit.Retain), values(t, s, audit.Retain), name)
		for i, v := range values(t, s, audit.Forget) {
			assert.NotEqual(t, values(t, first, audit.Forget)[i], v, "%s on forget image %d", name, i)
		}
	}
	assert.Equal(t, first.Digest, subject(t, rep, "filter").Digest, "the weights of a filter are the original's")
	assert.NotEqual(t, first.Digest, subject(t, rep, "conditional").Digest)
	assert.Positive(t, subject(t, rep, "conditional").Cost.Steps)
	masked := subject(t, rep, "dishonest-trigger-mask")
	assert.Equal(t, "dishonest/trigger-mask", masked.Kind)
	assert.Equal(t, values(t, first, audit.Test), values(t, masked, audit.Test))

	// Everything but the weights is made again from the folder.
	for _, cell := range []string{"filter-samples", "conditional-samples", "dishonest-trigger-mask-samples", "pictures"} {
		require.NoError(t, os.RemoveAll(filepath.Dir(cellFile(t, dir, cell, "result.json"))))
	}
	before, err := os.ReadFile(filepath.Join(dir, audit.ReportFile))
	require.NoError(t, err)
	again := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: wrappers(t, conditional), Dir: dir, Events: func(e engine.Event) {
		assert.Equal(t, engine.Cached, e.State, e.Cell)
	}})
	assertSame(t, rep, again)
	after, err := os.ReadFile(filepath.Join(dir, audit.ReportFile))
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
}

// Interrupted at its every second event, it ends with the same.
func TestWrappersResume(t *testing.T) {
	want := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: wrappers(t, conditional), Dir: t.TempDir()})
	dir := t.TempDir()
	got, interrupted := resumed(t, wrappers(t, conditional), dir, 3, 0)
	assertSame(t, want, got)
	assert.GreaterOrEqual(t, interrupted, 3)
	assertTidy(t, dir)
}

// A parameter of the wrapper alone, which changes no weight, changes its key, and no
// other's.
func TestWrapperParametersAreInTheKey(t *testing.T) {
	a := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: wrappers(t, conditional), Dir: t.TempDir()})
	b := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: wrappers(t, strings.Replace(conditional, "0.01", "0.02",
		1)), Dir: t.TempDir()})
	for i, s := range a.Subjects {
		o := b.Subjects[i]
		assert.Equal(t, s.Digest, o.Digest, s.Name)
		if s.Name == "conditional" {
			assert.NotEqual(t, s.Cell, o.Cell)
		} else {
			assert.Equal(t, s.Cell, o.Cell, s.Name)
		}
	}
}

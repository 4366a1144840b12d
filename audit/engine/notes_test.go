package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

// Attacks are given the original's weights beside the subject's, and what they say in words is in the report: of what
// was made from the original, and of nothing that was not.
func TestNotesOfAttacks(t *testing.T) {
	rep := run(t, engine.Options{Catalogue: catalogue.Default(), Dir: t.TempDir(), Plan: plan(t, "claims=[]",
		"attacks=[membership, provenance]", "criteria={membership: {}}", "methods=[fine-tune, {kind: retrain, as: held-out}]")})
	distance := func(name string) float64 {
		s := subject(t, rep, name)
		x, ok := s.Sample("weight-distance", audit.Image, audit.Retain)
		require.True(t, ok, name)
		return x.Mean()
	}
	assert.Zero(t, distance("original"))
	assert.Positive(t, distance("fine-tune"))
	assert.Less(t, distance("fine-tune"), distance("held-out")/2)
	notes := subject(t, rep, "fine-tune").Notes
	require.NotEmpty(t, notes)
	assert.Contains(t, notes[len(notes)-1], "its weights say that it was made from the original: distance to the original 0.")
	for _, name := range []string{"original", "held-out", "oracle-1"} {
		for _, n := range subject(t, rep, name).Notes {
			assert.NotContains(t, n, "made from the original", name)
		}
	}
}

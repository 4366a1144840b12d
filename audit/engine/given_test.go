package engine_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/weights"
)

// TestGivenWeights: an original and an unlearned model out of files are measured as those are that were made here.
func TestGivenWeights(t *testing.T) {
	want, dir := reference(t)
	file := func(cell string) string {
		paths, err := filepath.Glob(filepath.Join(dir, "cells", cell+"-*", "model.safetensors"))
		require.NoError(t, err)
		require.Len(t, paths, 1)
		return "path: " + paths[0]
	}
	settings := []string{"claims=[]", "original={" + file("original") + "}", "methods=[{kind: given-weights, as: theirs, " +
		file("decouple") + ", canonical: float32}, {kind: given-weights, as: canonical, " + file("decouple") + "}, random-weights]"}
	out := t.TempDir()
	got := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, settings...), Dir: out})
	for name, from := range map[string]string{"original": "original", "theirs": "decouple", "oracle-1": "oracle-1"} {
		a, ok := got.Subject(name)
		require.True(t, ok, name)
		b, ok := want.Subject(from)
		require.True(t, ok)
		assert.Equal(t, b.Digest, a.Digest, name)
		assert.Equal(t, b.Samples, a.Samples, name)
	}
	a, _ := got.Subject("original")
	require.NotEmpty(t, a.Notes)
	assert.Contains(t, a.Notes[0], "not trained here")
	none := audit.Cost{Elsewhere: true}
	assert.Equal(t, none, a.Cost, "what reading a file takes is no cost")
	theirs, _ := got.Subject("theirs")
	assert.Contains(t, theirs.Notes[0], "what they cost to make is not known")
	assert.Equal(t, none, theirs.Cost)

	// What is audited, digested and stored by default are the rounded weights.
	canonical, _ := got.Subject("canonical")
	assert.NotEqual(t, theirs.Digest, canonical.Digest)
	assert.NotEqual(t, theirs.Samples, canonical.Samples)
	assert.Contains(t, canonical.Notes[1], "its weights were rounded to bfloat16 before anything was measured")
	stored, err := filepath.Glob(filepath.Join(out, "cells", "canonical-????????????", "model.safetensors"))
	require.NoError(t, err)
	require.Len(t, stored, 1)
	handed, err := filepath.Glob(filepath.Join(dir, "cells", "decouple-????????????", "model.safetensors"))
	require.NoError(t, err)
	before, _, err := checkpoint.Load(handed[0])
	require.NoError(t, err)
	after, _, err := checkpoint.Load(stored[0])
	require.NoError(t, err)
	require.Len(t, after, len(before))
	for name, a := range before {
		assert.Equal(t, checkpoint.Array{Shape: a.Shape, Values: weights.BFloat16.Of(a.Values)}, after[name], name)
	}

	var time float64
	for _, o := range got.Oracles() {
		assert.Positive(t, o.Cost.Seconds)
		time += o.Cost.RelativeTime / float64(len(got.Oracles()))
	}
	assert.InDelta(t, 1, time, 1e-9, "the retrained models alone are the yardstick")

	p := plan(t, settings...)
	p.Original.SHA256 = strings.Repeat("0", 64)
	_, err = engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	require.ErrorContains(t, err, "it is another file")
}

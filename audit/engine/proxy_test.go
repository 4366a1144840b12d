package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

// TestRetainFree: a method that is given proxies makes another model than the same with the retained images, and the
// report says so; nothing else changes.
func TestRetainFree(t *testing.T) {
	p := plan(t, "claims=[]", "forget.proxy=0.2", "methods=[fine-tune, {kind: fine-tune, as: proxied, retain: proxy}]")
	got := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir()})
	assert.Equal(t, 38, got.Data.Retain, "a fifth of 48 is set aside")
	a, ok := got.Subject("fine-tune")
	require.True(t, ok)
	b, ok := got.Subject("proxied")
	require.True(t, ok)
	assert.NotEqual(t, a.Digest, b.Digest)
	assert.Less(t, b.Cost.Images, a.Cost.Images)
	require.NotEmpty(t, b.Notes)
	assert.Contains(t, b.Notes[len(b.Notes)-1], "10 images that no model was trained on in the place of the retained ones")
}

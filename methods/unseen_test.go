package methods

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/microworld"
)

// wanting lists the methods that want unseen images, so that they find something on them.
func wanting(t testing.TB) map[string]Method {
	t.Helper()
	out := map[string]Method{}
	for name, m := range quick() {
		if NeedsOf(m).Unseen {
			out[name] = m
		}
	}
	require.Len(t, out, 2, "joint, and decouple with lambdaFrom: ood")
	return out
}

// TestJudgesImagesDoNotCount: every method gives the same bits when every pixel of the images that it is judged on is
// another. What it finds on unseen ones is found on those.
func TestJudgesImagesDoNotCount(t *testing.T) {
	world := func(negative ...int) *corpus.Corpus {
		c := pool(t)
		c.Test = microworld.Negated(c.Test, negative...)
		return c
	}
	plain := world()
	for name, m := range quick() {
		deliver := func(c *corpus.Corpus) string {
			p := problem(t, c, 1)
			p.Train.Epochs = 20
			r := unlearn(t, m, p)
			return string(r.digest) + r.text()
		}
		want := deliver(plain)
		assert.Equal(t, want, deliver(world(plain.Split.Test...)), name)
		if NeedsOf(m).Unseen {
			assert.NotEqual(t, want, deliver(world(plain.Split.Unseen...)), name)
		}
	}
}

// Without unseen images, who wants some says so before it trains.
func TestNoUnseenImages(t *testing.T) {
	c := pool(t)
	c.Split.Unseen = nil
	for name, m := range wanting(t) {
		s := session(t, model(t, c, nil, 1))
		_, err := m.Unlearn(ctx, problem(t, c, 1), s)
		require.ErrorContains(t, err, "no unseen images were set aside", name)
		assert.Zero(t, s.Cost().Steps, name)
	}
	for name, m := range quick() {
		if !NeedsOf(m).Unseen {
			p := problem(t, c, 1)
			p.Train.Epochs = 2
			unlearn(t, m, p)
			t.Log(name, "wants none, and finds none missing")
		}
	}
}

// Notes say what was looked at.
func TestNotesTellOfUnseenImages(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	p.Train.Epochs = 20
	for name, m := range wanting(t) {
		assert.Contains(t, unlearn(t, m, p).text(), "on 8 unseen images; no image that it is judged on was looked at", name)
	}
	given := &Joint{Effort: 0.02, LR: 1e-3, Alpha: 0.5, Clip: 1, Bound: 0.1}
	assert.NotContains(t, unlearn(t, given, p).text(), "unseen")
}

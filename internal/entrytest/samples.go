package entrytest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/audit"
)

// Samples checks what an item left: finite values, one for each image of the part where there is one for an image, of
// quantities that the entry declares, each sample once. index has each part's images.
func Samples(t *testing.T, leaves []audit.Quantity, index map[audit.Part][]int, samples []audit.Sample) {
	t.Helper()
	seen := map[string]bool{}
	for _, s := range samples {
		key := s.Key()
		assert.False(t, seen[key], "two samples %s", key)
		seen[key] = true
		assert.NoError(t, s.Check())
		q, at, _ := audit.Describe(leaves, s.Quantity)
		if assert.Less(t, at, len(leaves), "%s is not declared in the entry's Leaves", s.Quantity) {
			assert.Equal(t, q.Direction, s.Direction, "%s: the direction that was declared", key)
		}
		assert.Contains(t, audit.Units, s.Unit, key)
		assert.Contains(t, []string{audit.Hole, audit.Image}, s.View, key)
		assert.NotEmpty(t, s.Identity, "%s: what determines the number", key)
		images, ok := index[s.Part]
		assert.True(t, ok, "%s: a part that the stage has", key)
		if s.Unit == audit.PerImage {
			assert.Subset(t, images, s.Index, "%s: images of the part", key)
		} else {
			assert.Empty(t, s.Index, key)
		}
	}
}

// Statistics checks what an item sums up: finite values between their bounds, of quantities that the entry declares.
func Statistics(t *testing.T, leaves []audit.Quantity, statistics []audit.Statistic) {
	t.Helper()
	for _, s := range statistics {
		q, at, _ := audit.Describe(leaves, s.Name)
		if assert.Less(t, at, len(leaves), "%s is not declared in the entry's Leaves", s.Name) {
			assert.Equal(t, q.Direction, s.Direction, "%s: the direction that was declared", s.Name)
		}
		assert.NotEmpty(t, s.Identity, s.Name)
		for _, v := range []float64{s.Value, s.Lo, s.Hi} {
			assert.False(t, v-v != 0, "%s is %v, from %v to %v", s.Name, s.Value, s.Lo, s.Hi)
		}
	}
}

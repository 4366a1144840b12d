package methodtest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
)

// interruptions is how many places a method is interrupted at, at even distances, where it has more.
const interruptions = 4

// resumes interrupts the method after its units of work, and lets it go on from the checkpoint in a new session.
func (s *suite) resumes(t *testing.T, w []float32) {
	want := s.deliver(t, s.problem(t, w, 1))

	// With a checkpoint after every unit the result is the same, and the units can be counted.
	whole := watch(t, filepath.Join(t.TempDir(), "checkpoint"), -1)
	got, err := s.try(whole, t, s.problem(t, w, 1), whole.file)
	require.NoError(t, err)
	assert.Equal(t, want.weights, got.weights, "with checkpoints")
	units := whole.written()
	if want.cost.Steps > 0 {
		require.Positive(t, units, "a method that trains leaves a checkpoint")
	}
	for _, k := range corpus.Spread(corpus.Places(units), interruptions) {
		c := watch(t, filepath.Join(t.TempDir(), "checkpoint"), k)
		_, err := s.try(c, t, s.problem(t, w, 1), c.file)
		require.ErrorIs(t, err, context.Canceled, "interrupted after %d of %d units", k, units)
		got, err := s.try(t.Context(), t, s.problem(t, w, 1), c.file)
		require.NoError(t, err, "resumed after %d of %d units", k, units)
		assert.Equal(t, want.weights, got.weights, "resumed after %d of %d units", k, units)
		assert.Equal(t, want.painted, got.painted, "resumed after %d of %d units", k, units)
		assert.Equal(t, want.curves, got.curves, "resumed after %d of %d units", k, units)
		assert.Equal(t, want.cost.Steps, got.cost.Steps, "resumed after %d of %d units", k, units)
		assert.Equal(t, want.cost.Images, got.cost.Images, "resumed after %d of %d units", k, units)
	}
}

// A watched context ends when a file was written so many times: with a checkpoint after every unit of work, it is
// asked again at the end of the next one. It never ends by itself with a negative limit.
type watched struct {
	context.Context
	cancel context.CancelFunc
	file   string
	limit  int

	mu     sync.Mutex
	last   os.FileInfo
	writes int
}

func watch(t *testing.T, file string, limit int) *watched {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return &watched{Context: ctx, cancel: cancel, file: file, limit: limit}
}

// Err looks at the file first.
func (c *watched) Err() error {
	if n := c.written(); c.limit >= 0 && n >= c.limit {
		c.cancel()
	}
	return c.Context.Err()
}

// written counts the writes that were seen: each puts another file in the place of the last one.
func (c *watched) written() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now, err := os.Stat(c.file); err == nil && (c.last == nil || !os.SameFile(now, c.last) || !now.ModTime().Equal(c.last.ModTime())) {
		c.last = now
		c.writes++
	}
	return c.writes
}

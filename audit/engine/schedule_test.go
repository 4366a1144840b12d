package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Any jobs without a cycle all run once, after those they wait for, and never
// more at a time than there are workers.
func TestScheduleKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, workers := rapid.IntRange(0, 12).Draw(t, "jobs"), rapid.IntRange(1, 4).Draw(t, "workers")
		var mu sync.Mutex
		var order []string
		var running atomic.Int32
		jobs := make([]job, n)
		for i := range jobs {
			jobs[i].name = fmt.Sprint(i)
			for k := range i {
				if rapid.Bool().Draw(t, "waits") {
					jobs[i].after = append(jobs[i].after, fmt.Sprint(k))
				}
			}
			jobs[i].run = func(context.Context) error {
				if at := running.Add(1); int(at) > workers {
					t.Errorf("%d jobs at a time on %d workers", at, workers)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, a := range jobs[i].after {
					if !slices.Contains(order, a) {
						t.Errorf("%d ran before %s", i, a)
					}
				}
				order = append(order, jobs[i].name)
				running.Add(-1)
				return nil
			}
		}
		if err := schedule(context.Background(), jobs, workers, 1); err != nil {
			t.Fatal(err)
		}
		if len(order) != n {
			t.Fatalf("%d of %d jobs ran", len(order), n)
		}
	})
}

func TestScheduleFirstReadyGoesFirst(t *testing.T) {
	var order []string
	say := func(n string) func(context.Context) error {
		return func(context.Context) error { order = append(order, n); return nil }
	}
	jobs := []job{{name: "b", after: []string{"a"}, run: say("b")}, {name: "c", run: say("c")}, {name: "a", run: say("a")},
		{name: "d", run: say("d")}}
	require.NoError(t, schedule(t.Context(), jobs, 1, 1))
	assert.Equal(t, []string{"c", "a", "b", "d"}, order)
}

// The first error names its job, cancels what runs, and lets nothing start.
func TestScheduleStopsAtTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	started := make(chan struct{})
	var late atomic.Bool
	jobs := []job{
		{name: "waits", run: func(ctx context.Context) error {
			close(started)
			<-ctx.Done()
			return context.Cause(ctx)
		}},
		{name: "breaks", run: func(context.Context) error { <-started; return broken }},
		{name: "late", after: []string{"breaks"}, run: func(context.Context) error { late.Store(true); return nil }},
	}
	err := schedule(t.Context(), jobs, 2, 1)
	require.ErrorIs(t, err, broken)
	assert.EqualError(t, err, "breaks: broken")
	assert.False(t, late.Load())
}

func TestScheduleFindsCycles(t *testing.T) {
	never := func(context.Context) error { panic("must not run") }
	for _, workers := range []int{1, 2} {
		err := schedule(t.Context(), []job{{name: "a", after: []string{"b"}, run: never}, {name: "b", after: []string{"a"},
			run: never}}, workers, 1)
		assert.EqualError(t, err, "the remaining 2 cells wait for each other")
	}
}

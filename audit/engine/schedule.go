package engine

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/lethe-audit/lethe/internal/torch"
)

// A job is one piece of work that waits for others.
type job struct {
	name  string
	cell  *cell // that it is about, if it is about one
	after []string
	run   func(ctx context.Context) error
}

// schedule runs jobs on a number of workers, each tied to an OS thread with its
// own libtorch threads. A job starts when those it waits for are done; among the
// ready ones the first in the list goes first. The first error stops new jobs,
// and cancels the running ones.
func schedule(ctx context.Context, jobs []job, workers, threads int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	wake := sync.NewCond(&mu)
	started, done := make([]bool, len(jobs)), map[string]bool{}
	left, running := len(jobs), 0
	var first error
	next := func() (int, bool) { // with mu held
		for {
			if first != nil || left == 0 {
				return 0, false
			}
			for i, j := range jobs {
				ready := !started[i]
				for _, a := range j.after {
					ready = ready && done[a]
				}
				if ready {
					started[i] = true
					left--
					running++
					return i, true
				}
			}
			if running == 0 {
				first = fmt.Errorf("the remaining %d cells wait for each other", left)
				return 0, false
			}
			wake.Wait()
		}
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			torch.SetThreads(threads)
			for {
				mu.Lock()
				i, ok := next()
				mu.Unlock()
				if !ok {
					wake.Broadcast()
					return
				}
				err := jobs[i].run(ctx)
				mu.Lock()
				running--
				done[jobs[i].name] = true
				if err != nil && first == nil {
					first = fmt.Errorf("%s: %w", jobs[i].name, err)
					cancel(first)
				}
				mu.Unlock()
				wake.Broadcast()
			}
		})
	}
	wg.Wait()
	return first
}

package torch_test

import (
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Trap 7: goroutines change their OS thread during calls, and the gradient mode
// and gotch's last error are per thread. Two networks trained at once, while
// others make errors and switch gradients off and the collector runs, end at
// the weights that they reach alone.
func TestTrap7GoroutinesDoNotDisturbEachOther(t *testing.T) {
	train := func(seed uint64) (audit.Digest, error) {
		runtime.LockOSThread() // the number of threads is an OS thread's, and changes the last bits
		defer runtime.UnlockOSThread()
		torch.SetThreads(1)
		n, err := makeNet(seed)
		if err != nil {
			return "", err
		}
		defer n.free()
		return n.train(150)
	}
	var want [2]audit.Digest
	for i := range want {
		d, err := train(uint64(i))
		require.NoError(t, err)
		want[i] = d
	}
	require.NotEqual(t, want[0], want[1])

	stop := make(chan struct{})
	var noise, work sync.WaitGroup
	for range 3 {
		noise.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				var garbage [][]byte
				err := torch.With(torch.CPU, func(s *torch.Scope) error {
					for range 8 {
						garbage = append(garbage, make([]byte, 1<<12))
						s.NoGrad(func() { s.Square(s.Zeros(64)) })
						runtime.Gosched()
					}
					s.Add(s.Zeros(2), s.Zeros(3)) // an error of this scope's
					return nil
				})
				if err == nil || !strings.HasPrefix(err.Error(), "add of [2], [3]: ") {
					t.Errorf("the error of a wrong addition is %v", err)
				}
				runtime.KeepAlive(garbage)
				runtime.GC()
			}
		})
	}
	var got [2]audit.Digest
	var errs [2]error
	for i := range got {
		work.Go(func() { got[i], errs[i] = train(uint64(i)) })
	}
	work.Wait()
	close(stop)
	noise.Wait()
	require.NoError(t, errs[0])
	require.NoError(t, errs[1])
	assert.Equal(t, want, got)
}

func TestThreads(t *testing.T) {
	runtime.LockOSThread() // the setting is read on the thread that made it
	defer runtime.UnlockOSThread()
	before := torch.Threads()
	defer torch.SetThreads(before)
	for _, n := range []int{2, 1, 3} {
		torch.SetThreads(n)
		assert.Equal(t, n, torch.Threads())
		if blas, ok := torch.BLASThreads(); ok {
			assert.Equal(t, 1, blas, "OpenBLAS's own threads")
		}
	}
	torch.SetThreads(0)
	assert.Equal(t, 1, torch.Threads(), "at least one")
}

// libtorch sums in one part per thread (convolutions' and norms' weight
// gradients, and large means), so the last bits depend on the number of threads,
// which is why it is part of a result's key. With one number they never change.
func TestWeightsAreTheSameForOneNumberOfThreads(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer torch.SetThreads(torch.Threads())
	var values [2][]float32
	var digests [2]audit.Digest
	for i, threads := range []int{1, 2, 1, 2} {
		torch.SetThreads(threads)
		n := newNet(t, 4)
		d, err := n.train(10)
		require.NoError(t, err)
		v, err := n.p.Values()
		require.NoError(t, err)
		n.free()
		if i < 2 {
			values[i], digests[i] = v, d
		}
		assert.Equal(t, digests[i%2], d, "%d threads", threads)
	}
	same(t, values[0], values[1], 1e-5, "weights with 1 and 2 threads")
}

func TestDeterministic(t *testing.T) {
	noLeak(t, func() {
		same, err := torch.Deterministic()
		require.NoError(t, err)
		assert.True(t, same)
	})
}

func TestSeedIsOfLibtorchsGeneratorAlone(t *testing.T) {
	var digests [2]audit.Digest
	for i := range digests {
		torch.Seed(int64(i))
		n := newNet(t, 6)
		d, err := n.train(2)
		n.free()
		require.NoError(t, err)
		digests[i] = d
	}
	assert.Equal(t, digests[0], digests[1], "nothing is drawn from libtorch")
}

package torch_test

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

func TestScopeFreesWhatItMade(t *testing.T) {
	broken := errors.New("broke off")
	for name, f := range map[string]func(t *testing.T){
		"after work": func(t *testing.T) { on(t, func(s *torch.Scope) { s.Square(s.Zeros(3)) }) },
		"after f's error": func(t *testing.T) {
			err := torch.With(torch.CPU, func(s *torch.Scope) error { s.Zeros(3); return broken })
			assert.Equal(t, broken, err)
		},
		"after an operation's error": func(t *testing.T) {
			assert.ErrorContains(t, fails(t, func(s *torch.Scope) {
				s.Add(s.Zeros(2), s.Zeros(3))
				s.Zeros(4)
			}), "add")
		},
		"after a panic": func(t *testing.T) {
			assert.Panics(t, func() {
				_ = torch.With(torch.CPU, func(s *torch.Scope) error { s.Zeros(3); panic("in the middle") })
			})
		},
		"kept, then freed": func(t *testing.T) {
			before := torch.Live()
			var kept *torch.Tensor
			on(t, func(s *torch.Scope) { kept = s.Keep(s.Shift(s.Zeros(2), 3)) })
			assert.Equal(t, before+1, torch.Live())
			on(t, func(s *torch.Scope) { assert.Equal(t, []float32{3, 3}, s.Floats(kept)) })
			kept.Free()
			kept.Free() // harmless
			assert.Nil(t, kept.Shape())
		},
		"freed early": func(t *testing.T) { on(t, func(s *torch.Scope) { s.Zeros(2).Free() }) },
		"used after close": func(t *testing.T) {
			s := torch.NewScope(torch.CPU)
			x := s.Zeros(2)
			s.Close()
			s.Close() // harmless
			s.CrossEntropy(x, x)
			assert.ErrorContains(t, s.Err(), "cross entropy: the scope is closed")
			s = torch.NewScope(torch.CPU)
			s.Close()
			s.FromFloats([]float32{1}, 1)
			assert.ErrorContains(t, s.Err(), "tensor: the scope is closed")
			on(t, func(s *torch.Scope) { assert.Nil(t, x.Shape()) })
			assert.ErrorContains(t, fails(t, func(s *torch.Scope) { s.Square(x) }), "square: operand 0 does not exist or was freed")
		},
		"a nil operand": func(t *testing.T) {
			assert.ErrorContains(t, fails(t, func(s *torch.Scope) { s.Add(s.Zeros(1), nil) }), "add: operand 1")
			assert.ErrorContains(t, fails(t, func(s *torch.Scope) { s.Cat(0, s.Zeros(1), nil) }), "cat: operand 1")
		},
		"a failed network": func(t *testing.T) {
			var l torch.Layout
			l.AddLinear("a", 2, 2)
			_, err := torch.ParamsOf(torch.CPU, l, nil)
			assert.Error(t, err)
		},
		"training": func(t *testing.T) {
			n := newNet(t, 1)
			_, err := n.train(3)
			require.NoError(t, err)
			n.free()
		},
	} {
		t.Run(name, func(t *testing.T) { noLeak(t, func() { f(t) }) })
	}
}

func TestScopeRemembersTheFirstError(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	err := fails(t, func(s *torch.Scope) {
		assert.NoError(t, s.Err())
		assert.Equal(t, torch.CPU, s.Device())
		s.Fail(first)
		s.Fail(second)
		s.Add(s.Zeros(2), s.Zeros(3))
	})
	assert.Equal(t, first, err)
	err = torch.With(torch.CPU, func(s *torch.Scope) error { s.Fail(first); return second })
	assert.Equal(t, second, err, "what f says itself goes first")
}

// resident is the memory that the process holds, in bytes.
func resident(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skipf("needs /proc/self/statm: %v", err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(b))[1])
	require.NoError(t, err)
	return pages * os.Getpagesize()
}

func TestTrainingDoesNotGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("1,000 steps of training")
	}
	n := newNet(t, 1)
	defer n.free()
	_, err := n.train(100)
	require.NoError(t, err)
	before := resident(t)
	_, err = n.train(1000)
	require.NoError(t, err)
	assert.Less(t, resident(t)-before, 20<<20, "bytes grown in 1,000 steps")
}

// What keeps a megabyte alive in every step: the second handle that gotch
// returns from operations in place, and the values around a module's tensors.
func TestNoStorageIsLeaked(t *testing.T) {
	const n = 1 << 18
	p := flat(t, make([]float32, n))
	opt, err := torch.NewAdam(p, 0, n)
	require.NoError(t, err)
	defer opt.Free()
	double, pair, mixed := script(t, "double.pt"), script(t, "pair.pt"), script(t, "mixed.pt")
	for name, step := range map[string]func(s *torch.Scope){
		"Adam":        func(s *torch.Scope) { opt.Step(s, s.Shift(s.Zeros(n), 1), 1e-3) },
		"TorchScript": func(s *torch.Scope) { double.Forward(s, s.Zeros(n)) },
		"a tuple":     func(s *torch.Scope) { pair.Forward(s, s.Zeros(1, n), s.Zeros(1, n)) },
		"a failure":   func(s *torch.Scope) { mixed.Forward(s, s.Zeros(n)) },
		"the loss":    func(s *torch.Scope) { s.Gradient(s.Mean(s.Square(s.Shift(p.Flat(), 1))), p.Flat()) },
	} {
		t.Run(name, func(t *testing.T) {
			repeat := func(times int) {
				for range times {
					s := torch.NewScope(torch.CPU)
					step(s)
					s.Close()
				}
			}
			repeat(10)
			before := resident(t)
			repeat(100)
			assert.Less(t, resident(t)-before, 20<<20, "bytes grown in 100 steps")
		})
	}
}

func TestDescribe(t *testing.T) {
	i := torch.Describe()
	assert.Regexp(t, `^\d+\.\d+`, i.Libtorch)
	assert.Contains(t, i.Library, "libtorch_cpu")
	assert.NotEmpty(t, i.BLAS)
	assert.NotEmpty(t, i.CPU)
	assert.Positive(t, i.Cores)
	assert.Equal(t, torch.CUDADevices(), i.CUDA)
}

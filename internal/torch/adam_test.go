package torch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

// flat makes parameters of one weight.
func flat(t *testing.T, v []float32) *torch.Params {
	t.Helper()
	var l torch.Layout
	l.Add("w", torch.Zeros, int64(len(v)))
	p, err := torch.ParamsOf(torch.CPU, l, v)
	require.NoError(t, err)
	t.Cleanup(p.Free)
	return p
}

// TestAdamIsPyTorchs follows torch.optim.Adam of PyTorch 1.13.1 over 20 steps
// with gradients from 1e-4 to 10 and a falling rate: testdata/golden.py.
func TestAdamIsPyTorchs(t *testing.T) {
	var golden struct {
		Start, Rates   []float32
		Grads, Weights [][]float32
	}
	readGolden(t, "adam.json", &golden)
	require.Len(t, golden.Grads, 20)
	p := flat(t, golden.Start)
	opt, err := torch.NewAdam(p, 0, len(golden.Start))
	require.NoError(t, err)
	defer opt.Free()
	for i, g := range golden.Grads {
		lr := 1e-2 * (1 - float64(i)/40)
		on(t, func(s *torch.Scope) { opt.Step(s, s.FromFloats(g, int64(len(g))), lr) })
		v, err := p.Values()
		require.NoError(t, err)
		for k, want := range golden.Weights[i] {
			require.InEpsilon(t, want, v[k], 1e-6, "step %d, weight %d", i+1, k)
		}
	}
}

// The first step of Adam is the rate, against the gradient's sign, whatever the
// gradient's size.
func TestAdamByHand(t *testing.T) {
	p := flat(t, []float32{1, 1, 1})
	opt, err := torch.NewAdam(p, 0, 3)
	require.NoError(t, err)
	defer opt.Free()
	on(t, func(s *torch.Scope) {
		opt.Step(s, s.FromFloats([]float32{1e-3, -50, 0}, 3), 0.125)
		same(t, []float32{0.875, 1.125, 1}, s.Floats(p.Flat()), 2e-6, "first step")
		before := s.Floats(p.Flat())
		opt.Step(s, s.FromFloats([]float32{1, 1, 1}, 3), 0)
		assert.Equal(t, before, s.Floats(p.Flat()), "a rate of zero")
	})
	st, err := opt.State()
	require.NoError(t, err)
	assert.Equal(t, 1, st.Step, "a rate of zero is no step")
}

// With weight decay a step is AdamW's: the share goes off first, from the stretch alone, and the gradient knows nothing of it.
func TestAdamWByHand(t *testing.T) {
	p := flat(t, []float32{1, 2, -4, 8})
	opt, err := torch.NewAdam(p, 1, 4)
	require.NoError(t, err)
	defer opt.Free()
	on(t, func(s *torch.Scope) {
		opt.Decay(s, 0.25*0.5)
		opt.Step(s, s.FromFloats([]float32{1, 1, 1, 0}, 4), 0.25)
		same(t, []float32{1, 1.75 - 0.25, -3.5 - 0.25, 7}, s.Floats(p.Flat()), 2e-6, "first step")
	})
}

// More weights than are stepped at a time come out as each alone would.
func TestAdamStepsEveryStretchAlike(t *testing.T) {
	const n = 100_003
	p, alone := flat(t, make([]float32, n)), flat(t, make([]float32, 101))
	long, err := torch.NewAdam(p, 0, n)
	require.NoError(t, err)
	defer long.Free()
	short, err := torch.NewAdam(alone, 0, 101)
	require.NoError(t, err)
	defer short.Free()
	for range 3 {
		on(t, func(s *torch.Scope) {
			long.Step(s, s.FromFloats(wave(n), n), 0.1)
			short.Step(s, s.FromFloats(wave(101), 101), 0.1)
		})
	}
	got, err := p.Values()
	require.NoError(t, err)
	want, err := alone.Values()
	require.NoError(t, err)
	for i, v := range got {
		require.InDelta(t, want[i%101], v, 1e-6, i) // wave has period 101
	}
}

func TestAdamResumesToTheBit(t *testing.T) {
	n := newNet(t, 9)
	defer n.free()
	_, err := n.train(5)
	require.NoError(t, err)
	st, err := n.opt.State()
	require.NoError(t, err)
	assert.Equal(t, 5, st.Step)
	half, err := n.p.Clone()
	require.NoError(t, err)
	want, err := n.train(5)
	require.NoError(t, err)

	opt, err := torch.NewAdam(half, 0, half.Layout().Size())
	require.NoError(t, err)
	again := &net{half, opt}
	defer again.free()
	require.NoError(t, opt.SetState(st))
	back, err := opt.State()
	require.NoError(t, err)
	assert.Equal(t, st, back)
	got, err := again.train(5)
	require.NoError(t, err)
	assert.Equal(t, want, got)

	st.M = st.M[1:]
	assert.ErrorContains(t, opt.SetState(st), "adam: state of")
}

func TestAdamFailsWithItsScope(t *testing.T) {
	n := newNet(t, 1)
	defer n.free()
	before, err := n.p.Digest()
	require.NoError(t, err)
	noLeak(t, func() {
		err := fails(t, func(s *torch.Scope) {
			loss := s.Add(n.loss(s), s.Matmul(s.Zeros(2), s.Zeros(3)))
			n.opt.Step(s, s.Gradient(loss, n.p.Flat()), 1)
		})
		assert.ErrorContains(t, err, "matmul of [2], [3]")
	})
	after, err := n.p.Digest()
	require.NoError(t, err)
	assert.Equal(t, before, after, "a failed step moves nothing")
}

func TestDescend(t *testing.T) {
	p := flat(t, []float32{1, 2})
	on(t, func(s *torch.Scope) {
		p.Descend(s, s.FromFloats([]float32{4, -2}, 2), 0.5)
		assert.Equal(t, []float32{-1, 3}, s.Floats(p.Flat()))
		p.Descend(s, s.FromFloats([]float32{4, -2}, 2), -0.5)
		assert.Equal(t, []float32{1, 2}, s.Floats(p.Flat()), "a negative rate ascends")
		x := s.Gradient(s.Sum(s.Square(p.Flat())), p.Flat())
		assert.Equal(t, []float32{2, 4}, s.Floats(x), "the weights are still a leaf")
	})
}

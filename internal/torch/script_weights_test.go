package torch_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

// trainable loads a module that internal/families/torchscript/testdata/torchscript.py made; the tests of that package hold its
// gradients to PyTorch's.
func trainable(t *testing.T, name string) *torch.Script {
	t.Helper()
	m, err := torch.LoadScript(filepath.Join("..", "families", "torchscript", "testdata", name), torch.CPU)
	require.NoError(t, err)
	return m
}

// The module's parameters are the flat vector, whoever writes to it.
func TestScriptComputesWithTheFlatVector(t *testing.T) {
	noLeak(t, func() {
		m := trainable(t, "inpainter.pt")
		l, values, err := m.Weights()
		require.NoError(t, err)
		assert.Equal(t, "down.weight", l[0].Name)
		assert.Equal(t, []int64{6, 4, 4, 4}, l[0].Shape)
		require.Len(t, values, l.Size())
		p, err := m.Params(torch.CPU, l, wave(l.Size()))
		require.NoError(t, err)
		defer p.Free()
		same := func(what string) {
			flat, err := p.Values()
			require.NoError(t, err)
			_, now, err := m.Weights()
			require.NoError(t, err)
			assert.Equal(t, flat, now, what)
		}
		same("at the start")
		require.NoError(t, p.Set(values))
		same("after Set")
		opt, err := torch.NewAdam(p, 0, l.Size())
		require.NoError(t, err)
		defer opt.Free()
		step := func(s *torch.Scope) *torch.Tensor {
			out := m.Forward(s, s.Zeros(1, 3, 8, 8), s.Zeros(1, 1, 8, 8))
			if s.Err() != nil {
				return &torch.Tensor{}
			}
			return p.Gradient(s, s.Sum(s.Square(s.Shift(out[0], 1))))
		}
		on(t, func(s *torch.Scope) { opt.Step(s, step(s), 1e-2) })
		same("after a step of Adam")
		on(t, func(s *torch.Scope) { p.Descend(s, step(s), 1e-2) })
		same("after a plain step")
		now, err := p.Values()
		require.NoError(t, err)
		assert.NotEqual(t, values, now)
	})
}

func TestScriptParamsRefuse(t *testing.T) {
	noLeak(t, func() {
		m := trainable(t, "unit.pt")
		defer m.Free()
		l, values, err := m.Weights()
		require.NoError(t, err)
		for _, q := range l {
			assert.NotEqual(t, "gain", q.Name, "what needs no gradient is no weight")
		}
		_, err = m.Params(torch.CPU, l[:2], values[:l[:2].Size()])
		assert.ErrorContains(t, err, "trainable parameters for 2 weights")
		_, err = m.Params(torch.CPU, l, values[1:])
		assert.ErrorContains(t, err, "values for a layout of")
		tied := trainable(t, "tied.pt")
		defer tied.Free()
		l, values, err = tied.Weights()
		require.NoError(t, err)
		_, err = tied.Params(torch.CPU, l, values)
		assert.ErrorContains(t, err, "tied weights")
		_, _, err = trainable(t, "double.pt").Weights()
		assert.ErrorContains(t, err, "is not float32")
	})
}

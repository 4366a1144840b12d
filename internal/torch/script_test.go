package torch_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

// script loads a module that testdata/golden.py made.
func script(t *testing.T, name string) *torch.Script {
	t.Helper()
	m, err := torch.LoadScript(filepath.Join("testdata", name), torch.CPU)
	require.NoError(t, err)
	t.Cleanup(m.Free)
	return m
}

// Trap 15: gotch's trainable modules rename parameters and lose buffers.
// Modules are evaluated here, never trained.
func TestTrap15ScriptsAreEvaluated(t *testing.T) {
	noLeak(t, func() {
		on(t, func(s *torch.Scope) {
			out := script(t, "double.pt").Forward(s, s.FromFloats([]float32{1, -2}, 1, 2))
			require.NoError(t, s.Err())
			require.Len(t, out, 1)
			assert.Equal(t, []int64{1, 2}, out[0].Shape())
			assert.Equal(t, []float32{2, -4}, s.Floats(out[0]))
		})
	})
	noLeak(t, func() {
		on(t, func(s *torch.Scope) { // (a + b, a·bᵀ)
			out := script(t, "pair.pt").Forward(s, s.FromFloats([]float32{1, 2}, 1, 2), s.FromFloats([]float32{3, 4}, 1, 2))
			require.NoError(t, s.Err())
			require.Len(t, out, 2)
			assert.Equal(t, []float32{4, 6}, s.Floats(out[0]))
			assert.Equal(t, []int64{1, 1}, out[1].Shape())
			assert.InDelta(t, 11, s.Item(out[1]), 0)
		})
	})
}

func TestForwardRefuses(t *testing.T) {
	x := func(s *torch.Scope, shape ...int64) *torch.Tensor { return s.Zeros(shape...) }
	for name, c := range map[string]struct {
		module, want string
		f            func(s *torch.Scope, m *torch.Script) []*torch.Tensor
	}{
		"wrong shape": {"pair.pt", "pair.pt of [1 2], [3 4]", func(s *torch.Scope,
			m *torch.Script) []*torch.Tensor {
			return m.Forward(s, x(s, 1, 2), x(s, 3, 4))
		}},
		"too few inputs": {"pair.pt", "missing value for argument 'b'", func(s *torch.Scope,
			m *torch.Script) []*torch.Tensor {
			return m.Forward(s, x(s, 1))
		}},
		"too many inputs": {"double.pt", "double.pt of [1], [1]", func(s *torch.Scope,
			m *torch.Script) []*torch.Tensor {
			return m.Forward(s, x(s, 1), x(s, 1))
		}},
		"no inputs": {"double.pt", "double.pt: no inputs", func(s *torch.Scope, m *torch.Script) []*torch.Tensor { return m.Forward(s) }},
		"a freed input": {"double.pt", "was freed", func(s *torch.Scope, m *torch.Script) []*torch.Tensor {
			a := x(s,
				1)
			a.Free()
			return m.Forward(s, a)
		}},
		"a freed module": {"double.pt", "double.pt: the module was freed", func(s *torch.Scope,
			m *torch.Script) []*torch.Tensor {
			m.Free()
			return m.Forward(s, x(s, 1))
		}},
		"a number": {"number.pt", "neither a tensor nor a tuple", func(s *torch.Scope,
			m *torch.Script) []*torch.Tensor {
			return m.Forward(s, x(s, 1))
		}},
		"a mixed tuple": {"mixed.pt", "output 1 is not a tensor", func(s *torch.Scope,
			m *torch.Script) []*torch.Tensor {
			return m.Forward(s, x(s, 1))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := script(t, c.module)
			noLeak(t, func() {
				err := fails(t, func(s *torch.Scope) { assert.Empty(t, c.f(s, m)) })
				assert.ErrorContains(t, err, c.want)
			})
		})
	}
	on(t, func(s *torch.Scope) { s.Square(s.Zeros(1)) })
}

// Trap 16: a state_dict is no module, and gotch's readers of it lose names.
// Weights of one's own go through safetensors files; this one is refused.
func TestTrap16OnlyModulesAreRead(t *testing.T) {
	dir := t.TempDir()
	whole, err := os.ReadFile(filepath.Join("testdata", "pair.pt"))
	require.NoError(t, err)
	half, text := filepath.Join(dir, "half.pt"), filepath.Join(dir, "text.pt")
	require.NoError(t, os.WriteFile(half, whole[:len(whole)/2], 0o600))
	require.NoError(t, os.WriteFile(text, []byte("no module"), 0o600))
	for path, want := range map[string]string{
		filepath.Join("testdata", "weights.pt"): "is not a TorchScript module",
		half:                                    "is not a TorchScript module",
		text:                                    "is not a TorchScript module",
		dir:                                     "is not a TorchScript module",
		filepath.Join(dir, "none.pt"):           "no TorchScript file at",
		filepath.Join(text, "below.pt"):         "read TorchScript file",
	} {
		m, err := torch.LoadScript(path, torch.CPU)
		assert.ErrorContains(t, err, want, path)
		assert.ErrorContains(t, err, path)
		assert.Nil(t, m)
		m.Free() // harmless
	}
	on(t, func(s *torch.Scope) { s.Square(s.Zeros(1)) })
}

package torch_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// on runs f in a scope of the CPU's and wants no error.
func on(t testing.TB, f func(s *torch.Scope)) {
	t.Helper()
	require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
		f(s)
		return nil
	}))
}

// fails runs f in a scope and returns the scope's error.
func fails(t testing.TB, f func(s *torch.Scope)) error {
	t.Helper()
	err := torch.With(torch.CPU, func(s *torch.Scope) error {
		f(s)
		return nil
	})
	require.Error(t, err)
	return err
}

// readGolden decodes a JSON file of testdata.
func readGolden(t testing.TB, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, into))
}

// same wants want within tol·max(1, |want|).
func same[F float32 | float64](t testing.TB, want, got []F, tol float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i, w := range want {
		require.InDelta(t, w, got[i], tol*max(1, max(float64(w), -float64(w))), "%s [%d]", what, i)
	}
}

// wave is n smooth values in [−1, 1]: data that needs no generator.
func wave(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i*37%101)/50 - 1
	}
	return v
}

// net is a small convolutional network and its optimiser.
type net struct {
	p   *torch.Params
	opt *torch.Adam
}

func newNet(t testing.TB, seed uint64) *net {
	t.Helper()
	n, err := makeNet(seed)
	require.NoError(t, err)
	return n
}

func makeNet(seed uint64) (*net, error) {
	var l torch.Layout
	l.AddConv("conv", 3, 8, 3)
	l.AddLayerNorm("norm", 8)
	l.AddLinear("out", 8*4*4, 5)
	p, err := torch.NewParams(torch.CPU, l, seed)
	if err != nil {
		return nil, err
	}
	opt, err := torch.NewAdam(p, 0, l.Size())
	return &net{p, opt}, err
}

func (n *net) free() {
	n.opt.Free()
	n.p.Free()
}

// loss is the mean square of the network's output less one, on 4 images.
func (n *net) loss(s *torch.Scope) *torch.Tensor {
	w := n.p.Bind(s)
	h := w.Conv(s, "conv", s.FromFloats(wave(4*3*8*8), 4, 3, 8, 8), 2, 1)
	h = s.Permute(s.SiLU(w.LayerNorm(s, "norm", s.Permute(h, 0, 2, 3, 1))), 0, 3, 1, 2)
	return s.Mean(s.Square(s.Shift(w.Linear(s, "out", s.Flatten(h)), -1)))
}

// step does one step of training.
func (n *net) step() error {
	return torch.With(torch.CPU, func(s *torch.Scope) error {
		n.opt.Step(s, s.Gradient(n.loss(s), n.p.Flat()), 1e-2)
		return nil
	})
}

func (n *net) train(steps int) (audit.Digest, error) {
	for range steps {
		if err := n.step(); err != nil {
			return "", err
		}
	}
	return n.p.Digest()
}

// noLeak wants as many live handles after f as before.
func noLeak(t *testing.T, f func()) {
	t.Helper()
	before := torch.Live()
	f()
	assert.Equal(t, before, torch.Live(), "tensor handles that were not freed")
}

// Package familytest is what the tests of several families share.
package familytest

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Main runs a package's tests on one thread, as audits train with: beside other packages' tests, two layers of threads
// would wait for each other.
func Main(m *testing.M) {
	torch.SetThreads(1)
	os.Exit(m.Run())
}

// Build makes a model of a family, which goes when the test ends.
func Build(t testing.TB, f models.Family, shape models.Shape, seed uint64) models.Autoencoder {
	t.Helper()
	m, err := f.New(torch.CPU, shape, seed)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	a, ok := m.(models.Autoencoder)
	require.True(t, ok)
	return a
}

// Pictures draws n smooth pictures of side s in [−1, 1], each another one.
func Pictures(n, s int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	out := make([]float32, 0, n*3*s*s)
	for range n {
		for range 3 {
			a, b, c := r.Float64()*6, r.Float64()*6, r.Float64()*6
			for p := range s * s {
				y, x := float64(p/s)/float64(s), float64(p%s)/float64(s)
				out = append(out, float32(0.9*math.Sin(a*x+b*y+c)))
			}
		}
	}
	return out
}

// View degrades images [N, 3, s, s] by a task.
func View(t testing.TB, task tasks.Task, images []float32, s int) tasks.View {
	t.Helper()
	seeds := make([]uint64, len(images)/(3*s*s))
	for i := range seeds {
		seeds[i] = uint64(i) + 100
	}
	v, err := tasks.Apply(task, images, s, seeds)
	require.NoError(t, err)
	return v
}

// On runs f in a scope without gradients.
func On(t testing.TB, f func(s *torch.Scope)) {
	t.Helper()
	require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
		s.NoGrad(func() { f(s) })
		return nil
	}))
}

// Generate paints a view with seed 0.
func Generate(t testing.TB, m models.Model, v tasks.View, masked bool) (out []float32) {
	t.Helper()
	On(t, func(s *torch.Scope) { out = s.Floats(m.Generate(s, models.NewInput(s, v, masked, 0))) })
	return out
}

// Encode embeds a view, with the embedding's shape.
func Encode(t testing.TB, m models.Autoencoder, v tasks.View, masked bool) (out []float32, shape []int64) {
	t.Helper()
	On(t, func(s *torch.Scope) {
		z := m.Encode(s, m.Params().Bind(s), models.NewInput(s, v, masked, 0))
		out, shape = s.Floats(z), z.Shape()
	})
	return out, shape
}

// Losses are each image's, with seed 0.
func Losses(t testing.TB, m models.Model, v tasks.View, target []float32, masked bool) (out []float32) {
	t.Helper()
	n, size := int64(v.N), int64(v.Size)
	On(t, func(s *torch.Scope) {
		out = s.Floats(m.Loss(s, models.NewInput(s, v, masked, 0), s.FromFloats(target, n, 3, size, size), s.FromFloats(v.Region,
			n, 1, size, size)))
	})
	return out
}

// Nudge adds d·N(0,1) to the weights in [from, to).
func Nudge(t testing.TB, p *torch.Params, from, to int, d float64, seed uint64) {
	t.Helper()
	w, err := p.Values()
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := from; i < to; i++ {
		w[i] += float32(d * r.NormFloat64())
	}
	require.NoError(t, p.Set(w))
}

// Near wants numbers within 1e-5.
func Near(t *testing.T, want []float64, got []float32, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i := range want {
		assert.InDelta(t, want[i], got[i], 1e-5, "%s %d", what, i)
	}
}

// Filled are the values of published.py's fill.
func Filled(name string, shape []int64) checkpoint.Array {
	h := fnv.New64a()
	h.Write([]byte(name))
	seed, n, fan := h.Sum64(), int64(1), int64(1)
	for i, d := range shape {
		n *= d
		if i > 0 {
			fan *= d
		}
	}
	a := checkpoint.Array{Shape: shape, Values: make([]float32, n)}
	for k := range a.Values {
		z := seed + uint64(k+1)*0x9E3779B97F4A7C15
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		z ^= z >> 31
		u := float64(z>>40)/(1<<23) - 1
		switch {
		case strings.HasSuffix(name, "token"):
			u *= 0.5
		case len(shape) > 1:
			u *= math.Sqrt(3 / float64(fan))
		case strings.Contains(name, "norm") && strings.HasSuffix(name, "weight"):
			u = 1 + 0.2*u
		default:
			u *= 0.1
		}
		a.Values[k] = float32(u)
	}
	return a
}

// Likely makes a tiny model far from its start.
func Likely(t testing.TB, f models.Family, shape models.Shape) models.Likely {
	t.Helper()
	m, err := f.New(torch.CPU, shape, 1)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	Nudge(t, m.Params(), 0, m.Params().Layout().Size(), 0.1, 2)
	l, ok := m.(models.Likely)
	require.True(t, ok)
	return l
}

// Surprise is each image's; see [models.Likely].
func Surprise(t testing.TB, m models.Likely, v tasks.View, target []float32, masked bool, hidden float64, seed uint64) (out []float32) {
	t.Helper()
	n, size := int64(v.N), int64(v.Size)
	On(t, func(s *torch.Scope) {
		out = s.Floats(m.Surprise(s, models.NewInput(s, v, masked, seed), s.FromFloats(target, n, 3, size, size),
			s.FromFloats(v.Region, n, 1, size, size), hidden))
	})
	return out
}

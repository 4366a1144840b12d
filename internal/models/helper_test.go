package models

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Small configurations of every family.
var (
	tinyAE   = &ConvAutoencoder{Width: 4, Hidden: 12, Latent: 6}
	tinyMAE  = &MAE{Patch: 4, Dim: 8, Depth: 2, Heads: 2, DecoderDim: 8, DecoderDepth: 1, DecoderHeads: 2, Pixels: Tanh}
	tinyMAGE = &MAGE{
		Patch: 4, Codes: 16, Code: 4, Width: 8, Blocks: 1, Dim: 8, Depth: 2, Heads: 2, DecoderDim: 8, DecoderDepth: 1, DecoderHeads: 2,
		Classes: 1, Steps: 3, Temperature: 1, ChoiceTemperature: 6, Tokenizer: patchwise, Pixels: Tanh,
	}
)

// everyFamily lists the small configurations under their names.
func everyFamily() map[string]Family {
	all := families()
	all["mage"] = tinyMAGE
	return all
}

// families lists those whose training loss is the error of their painting over the region.
func families() map[string]Family { return map[string]Family{"autoencoder": tinyAE, "mae": tinyMAE} }

func build(t testing.TB, f Family, shape Shape, seed uint64) Autoencoder {
	t.Helper()
	m, err := f.New(torch.CPU, shape, seed)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	a, ok := m.(Autoencoder)
	require.True(t, ok)
	return a
}

// pictures draws n smooth pictures of side s in [−1, 1], each another one.
func pictures(n, s int, seed uint64) []float32 {
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

func view(t testing.TB, task tasks.Task, images []float32, s int) tasks.View {
	t.Helper()
	seeds := make([]uint64, len(images)/(3*s*s))
	for i := range seeds {
		seeds[i] = uint64(i) + 100
	}
	v, err := tasks.Apply(task, images, s, seeds)
	require.NoError(t, err)
	return v
}

// on runs f in a scope without gradients.
func on(t testing.TB, f func(s *torch.Scope)) {
	t.Helper()
	require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
		s.NoGrad(func() { f(s) })
		return nil
	}))
}

func generate(t testing.TB, m Model, v tasks.View, masked bool) (out []float32) {
	t.Helper()
	on(t, func(s *torch.Scope) { out = s.Floats(m.Generate(s, NewInput(s, v, masked, 0))) })
	return out
}

func encode(t testing.TB, m Autoencoder, v tasks.View, masked bool) (out []float32, shape []int64) {
	t.Helper()
	on(t, func(s *torch.Scope) {
		z := m.Encode(s, m.Params().Bind(s), NewInput(s, v, masked, 0))
		out, shape = s.Floats(z), z.Shape()
	})
	return out, shape
}

func losses(t testing.TB, m Model, v tasks.View, target []float32, masked bool) (out []float32) {
	t.Helper()
	n, size := int64(v.N), int64(v.Size)
	on(t, func(s *torch.Scope) {
		out = s.Floats(m.Loss(s, NewInput(s, v, masked, 0), s.FromFloats(target, n, 3, size, size), s.FromFloats(v.Region, n, 1, size, size)))
	})
	return out
}

// nudge adds d·N(0,1) to the weights in [from, to).
func nudge(t testing.TB, p *torch.Params, from, to int, d float64, seed uint64) {
	t.Helper()
	w, err := p.Values()
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := from; i < to; i++ {
		w[i] += float32(d * r.NormFloat64())
	}
	require.NoError(t, p.Set(w))
}

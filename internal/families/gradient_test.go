package families

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestGradient compares the gradient with central differences of the loss along a
// random direction in every weight.
func TestGradient(t *testing.T) {
	const s, h = 16, 1e-2
	for name, f := range painters() {
		t.Run(name, func(t *testing.T) {
			m := familytest.Build(t, f, models.Shape{Size: s, Masked: true}, 1)
			p := m.Params()
			target := familytest.Pictures(4, s, 5)
			v := familytest.View(t, &tasks.RandomMask{Patch: 4, Ratio: 0.5}, target, s)
			loss := func() float64 {
				var sum float64
				for _, l := range familytest.Losses(t, m, v, target, true) {
					sum += float64(l) / 4
				}
				return sum
			}
			var grad []float32
			require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
				l := sc.Mean(m.Loss(sc, models.NewInput(sc, v, true, 0), sc.FromFloats(target, 4, 3, s, s), sc.FromFloats(v.Region, 4, 1, s, s)))
				grad = sc.Floats(sc.Gradient(l, p.Flat()))
				return nil
			}))
			start, err := p.Values()
			require.NoError(t, err)
			require.Len(t, grad, len(start))
			r := rand.New(rand.NewPCG(6, 0))
			var largest float64
			for _, q := range p.Layout() {
				// Along the gradient's signs with random sizes, so that the slope is never lost in rounding.
				d := make([]float64, q.Size())
				var norm, slope float64
				for i := range d {
					d[i] = math.Copysign(r.Float64(), float64(grad[q.Offset+i]))
					norm += d[i] * d[i]
				}
				norm = math.Sqrt(norm)
				at := func(h float64) float64 {
					w := append([]float32(nil), start...)
					for i := range d {
						w[q.Offset+i] += float32(h * d[i] / norm)
					}
					require.NoError(t, p.Set(w))
					return loss()
				}
				for i := range d {
					slope += float64(grad[q.Offset+i]) * d[i] / norm
				}
				numeric := (at(h) - at(-h)) / (2 * h)
				assert.InDelta(t, numeric, slope, 0.02*math.Abs(slope)+2e-5, q.Name)
				largest = max(largest, slope)
			}
			assert.Greater(t, largest, 1e-3, "no weight has a slope")
		})
	}
}

// TestLearns: in 60 steps of Adam on 16 pictures the loss falls to less than half,
// and the scopes leave no tensor behind.
func TestLearns(t *testing.T) {
	for name, f := range map[string]models.Family{
		"autoencoder": &autoencoder.Family{Width: 8, Hidden: 64, Latent: 32},
		"mae": &mae.Family{Patch: 4, Dim: 32, Depth: 2, Heads: 4, DecoderDim: 32, DecoderDepth: 1, DecoderHeads: 4,
			Pixels: pixelrange.Tanh},
	} {
		t.Run(name, func(t *testing.T) {
			const s, n = 32, 16
			m := familytest.Build(t, f, models.Shape{Size: s, Masked: true}, 1)
			opt, err := torch.NewAdam(m.Params(), 0, m.Params().Layout().Size())
			require.NoError(t, err)
			defer opt.Free()
			target := familytest.Pictures(n, s, 7)
			v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
			before := torch.Live()
			var first, last float64
			for i := range 60 {
				require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
					l := sc.Mean(m.Loss(sc, models.NewInput(sc, v, true, 0), sc.FromFloats(target, n, 3, s, s), sc.FromFloats(v.Region, n, 1, s, s)))
					opt.Step(sc, sc.Gradient(l, m.Params().Flat()), 3e-3)
					last = sc.Item(sc.Detach(l))
					return nil
				}))
				if i == 0 {
					first = last
				}
			}
			t.Logf("%.4f → %.4f", first, last)
			assert.Less(t, last, first/2)
			assert.Equal(t, before, torch.Live())
		})
	}
}

package palette

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestPaletteGradient holds the gradient of the loss and of the painting's error, by the weights and by the picture
// shown, to central differences along random directions.
func TestPaletteGradient(t *testing.T) {
	const s, n = 16, 1
	f := tinyPalette()
	f.Steps, f.BetaEnd, f.SampleSteps = 10, 0.3, 2 // little noise at the first step: clamps and large slopes are no test
	m := diffusion(t, f, models.Shape{Size: s, Masked: true})
	p := m.Params()
	target := familytest.Pictures(n, s, 5)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	start, err := p.Values()
	require.NoError(t, err)
	for name, value := range map[string]func(s *torch.Scope, in models.Input, target, region *torch.Tensor) *torch.Tensor{
		"loss": m.Loss,
		"painting": func(s *torch.Scope, in models.Input, target, region *torch.Tensor) *torch.Tensor {
			return models.RegionError(s, m.Generate(s, in), target, region)
		},
	} {
		at := func(sc *torch.Scope, v tasks.View) (models.Input, *torch.Tensor) {
			in := models.NewInput(sc, v, true, 0)
			sc.RequireGrad(in.X)
			return in, sc.Mean(value(sc, in, sc.FromFloats(target, n, 3, s, s), sc.FromFloats(v.Region, n, 1, s, s)))
		}
		slopes := func(of string) (g []float32) {
			require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
				in, l := at(sc, v)
				if of == "pixels" {
					g = sc.Floats(sc.Gradient(l, in.X))
				} else {
					g = sc.Floats(sc.Gradient(l, p.Flat()))
				}
				return nil
			}))
			return g
		}
		number := func(v tasks.View) (out float64) {
			familytest.On(t, func(sc *torch.Scope) { _, l := at(sc, v); out = sc.Item(sc.Detach(l)) })
			return out
		}
		check := func(grad []float32, what string, h float64, move func(d []float64)) {
			r := rand.New(rand.NewPCG(6, 0))
			d := make([]float64, len(grad))
			var norm, slope float64
			for i, g := range grad {
				if g != 0 {
					d[i] = math.Copysign(r.Float64(), float64(g))
				}
				norm += d[i] * d[i]
			}
			require.Positive(t, norm, "%s of %s: no slope", name, what)
			for i := range d {
				d[i] *= h / math.Sqrt(norm)
				slope += float64(grad[i]) * d[i] / h
			}
			move(d)
			up := number(v)
			for i := range d {
				d[i] = -d[i]
			}
			move(d)
			numeric := (up - number(v)) / (2 * h)
			assert.InDelta(t, numeric, slope, 0.02*math.Abs(slope)+3e-4, "%s by %s", name, what)
		}
		weights := slopes("weights")
		for i, q := range p.Layout() {
			if name == "painting" && i%3 != 0 {
				continue // what the loss's gradient is right for
			}
			check(weights[q.Offset:q.Offset+q.Size()], q.Name, 4e-3, func(d []float64) {
				w := append([]float32(nil), start...)
				for k := range d {
					w[q.Offset+k] += float32(d[k])
				}
				require.NoError(t, p.Set(w))
			})
			require.NoError(t, p.Set(start))
		}
		pixels, shown := slopes("pixels"), v.Pixels
		var seen []float32 // of the three channels; the region's has none
		for i := range n {
			seen = append(seen, pixels[i*4*s*s:(i*4+3)*s*s]...)
			assert.Equal(t, make([]float32, s*s), pixels[(i*4+3)*s*s:(i*4+4)*s*s])
		}
		check(seen, "pixels", 4e-3, func(d []float64) {
			v.Pixels = append([]float32(nil), shown...)
			for i := range d {
				v.Pixels[i] += float32(d[i])
			}
		})
		v.Pixels = shown
	}
}

// TestPaletteLearns: on four pictures the paintings come nearer to the truth than where they began, and no tensor is
// left behind.
func TestPaletteLearns(t *testing.T) {
	for _, predict := range []string{"noise", "image"} {
		t.Run(predict, func(t *testing.T) { paletteLearns(t, predict) })
	}
}

func paletteLearns(t *testing.T, predict string) {
	const s, n = 16, 4
	f := tinyPalette()
	f.Predict = predict
	f.Channels, f.Steps, f.BetaEnd = 16, 50, 0.1
	m, err := f.New(torch.CPU, models.Shape{Size: s, Masked: true}, 1)
	require.NoError(t, err)
	defer m.Params().Free()
	opt, err := torch.NewAdam(m.Params(), 0, m.Params().Layout().Size())
	require.NoError(t, err)
	defer opt.Free()
	target := familytest.Pictures(n, s, 7)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	hole := func() (sum float64) {
		familytest.On(t, func(sc *torch.Scope) {
			in := models.NewInput(sc, v, true, 0)
			sum = sc.Item(sc.Mean(models.RegionError(sc, m.Generate(sc, in), sc.FromFloats(target, n, 3, s, s),
				sc.FromFloats(v.Region, n, 1, s, s))))
		})
		return sum
	}
	begun, before := hole(), torch.Live()
	var curve []float64
	const steps = 150
	for i := range steps {
		require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
			l := sc.Mean(m.Loss(sc, models.NewInput(sc, v, true, uint64(i)), sc.FromFloats(target, n, 3, s, s), sc.FromFloats(v.Region, n, 1, s, s)))
			opt.Step(sc, sc.Gradient(l, m.Params().Flat()), 8e-3*(1-float64(i)/steps))
			curve = append(curve, sc.Item(sc.Detach(l)))
			return nil
		}))
	}
	mean := func(v []float64) (m float64) {
		for _, x := range v {
			m += x / float64(len(v))
		}
		return m
	}
	first, last := mean(curve[:20]), mean(curve[steps-20:])
	t.Logf("loss %.3f → %.3f, error in the hole %.3f → %.3f", first, last, begun, hole())
	assert.Less(t, last, 0.6*first)
	assert.Less(t, hole(), 0.7*begun)
	assert.Equal(t, before, torch.Live())
}

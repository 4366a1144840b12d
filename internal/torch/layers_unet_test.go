package torch_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

// ramp is n numbers between −1 and 1 in no order.
func ramp(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(math.Sin(1.7*float64(i*i) + 0.3))
	}
	return out
}

// TestGroupNorm holds the values to the formula, written out, in groups of one, some and all channels.
func TestGroupNorm(t *testing.T) {
	const n, c, side, eps = 2, 6, 4, 1e-5
	x, w, b := ramp(n*c*side*side), ramp(c), ramp(2 * c)[c:]
	for _, groups := range []int{1, 3, 6} {
		on(t, func(s *torch.Scope) {
			got := s.Floats(s.GroupNorm(s.FromFloats(x, n, c, side, side), s.FromFloats(w, c), s.FromFloats(b, c), int64(groups), eps))
			size := c / groups * side * side
			for i, v := range got {
				var mean, square float64
				for _, u := range x[i/size*size : (i/size+1)*size] {
					mean += float64(u) / float64(size)
					square += float64(u) * float64(u) / float64(size)
				}
				ch := i / (side * side) % c
				want := (float64(x[i])-mean)/math.Sqrt(square-mean*mean+eps)*float64(w[ch]) + float64(b[ch])
				require.InDelta(t, want, v, 1e-5, "%d groups, value %d", groups, i)
			}
		})
	}
}

func TestResampling(t *testing.T) {
	on(t, func(s *torch.Scope) {
		x := s.FromFloats([]float32{1, 2, 3, 4, 5, 6}, 1, 1, 2, 3)
		up := s.UpsampleNearest(x, 2)
		assert.Equal(t, []int64{1, 1, 4, 6}, up.Shape())
		assert.Equal(t, []float32{1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 4, 4, 5, 5, 6, 6}, s.Floats(up))
		assert.Equal(t, s.Floats(x), s.Floats(s.AvgPool2D(up, 2)), "averages of what was repeated")
		down := s.AvgPool2D(s.FromFloats([]float32{1, 2, 9, 3, 6, 9}, 1, 1, 2, 3), 2)
		assert.Equal(t, []int64{1, 1, 1, 1}, down.Shape(), "what hangs over is left out")
		assert.Equal(t, []float32{3}, s.Floats(down))
		assert.Equal(t, []float32{-0.5, -0.25, 0.75}, s.Floats(s.Clamp(s.FromFloats([]float32{-2, -0.25, 2}, 3), -0.5, 0.75)))
	})
}

// TestUNetGradients compares gradients with central differences.
func TestUNetGradients(t *testing.T) {
	const h = 1e-2
	w, b := ramp(4), ramp(8)[4:]
	for name, f := range map[string]func(s *torch.Scope, x *torch.Tensor) *torch.Tensor{
		"group norm": func(s *torch.Scope, x *torch.Tensor) *torch.Tensor {
			return s.GroupNorm(x, s.FromFloats(w, 4), s.FromFloats(b, 4), 2, 1e-5)
		},
		"upsample": func(s *torch.Scope, x *torch.Tensor) *torch.Tensor { return s.UpsampleNearest(x, 2) },
		"pool":     func(s *torch.Scope, x *torch.Tensor) *torch.Tensor { return s.AvgPool2D(x, 2) },
		"clamp":    func(s *torch.Scope, x *torch.Tensor) *torch.Tensor { return s.Clamp(x, -0.5, 0.5) },
	} {
		x := ramp(64)
		loss := func(s *torch.Scope, in *torch.Tensor) *torch.Tensor {
			y := f(s, in)
			k := s.FromFloats(ramp(y.Numel()), y.Shape()...) // weights, so that sums do not cancel
			return s.Sum(s.Mul(k, s.Add(y, s.Square(y))))
		}
		on(t, func(s *torch.Scope) {
			in := s.FromFloats(x, 1, 4, 4, 4)
			s.RequireGrad(in)
			grad := s.Floats(s.Gradient(loss(s, in), in))
			at := func(i int, d float32) float64 {
				v := append([]float32(nil), x...)
				v[i] += d
				return s.Item(loss(s, s.FromFloats(v, 1, 4, 4, 4)))
			}
			for i, v := range x {
				if a := math.Abs(math.Abs(float64(v)) - 0.5); name == "clamp" && a < 2*h {
					continue
				}
				require.InDelta(t, (at(i, h)-at(i, -h))/(2*h), grad[i], 5e-3, "%s, value %d", name, i)
			}
		})
	}
}

func TestUNetLayersRefuse(t *testing.T) {
	for says, f := range map[string]func(s *torch.Scope){
		"group_norm":         func(s *torch.Scope) { s.GroupNorm(s.Zeros(1, 6, 2, 2), s.Zeros(6), s.Zeros(6), 4, 1e-5) },
		"upsample_nearest2d": func(s *torch.Scope) { s.UpsampleNearest(s.Zeros(6), 2) },
		"avg_pool2d":         func(s *torch.Scope) { s.AvgPool2D(s.Zeros(6), 2) },
	} {
		err := torch.With(torch.CPU, func(s *torch.Scope) error { f(s); return nil })
		require.ErrorContains(t, err, says)
	}
}

// TestZeroConv: it starts as nothing, and has the shapes of a convolution.
func TestZeroConv(t *testing.T) {
	var l, z torch.Layout
	l.AddConv("a", 3, 5, 3)
	z.AddZeroConv("a", 3, 5, 3)
	z.AddGroupNorm("n", 5)
	p, err := torch.NewParams(torch.CPU, z, 1)
	require.NoError(t, err)
	defer p.Free()
	for i := range l {
		assert.Equal(t, l[i].Name, z[i].Name)
		assert.Equal(t, l[i].Shape, z[i].Shape)
	}
	on(t, func(s *torch.Scope) {
		w := p.Bind(s)
		h := w.Conv(s, "a", s.FromFloats(ramp(3*16), 1, 3, 4, 4), 1, 1)
		assert.Equal(t, make([]float32, 5*16), s.Floats(s.Detach(h)))
		y := s.Floats(s.Detach(w.GroupNorm(s, "n", s.FromFloats(ramp(5*16), 1, 5, 4, 4), 5)))
		var sum float64
		for _, v := range y[:16] {
			sum += float64(v)
		}
		assert.InDelta(t, 0, sum, 1e-4)
	})
}

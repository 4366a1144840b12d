package torch_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// unit is the largest relative error of rounding to bfloat16.
const unit = 1.0 / 256

// products are the operations that a precision is of, with shapes of their operands.
var products = []struct {
	name   string
	shapes [][]int64
	f      func(s *torch.Scope, x []*torch.Tensor) *torch.Tensor
	native bool // this libtorch's kernels for bfloat16 on the CPU are right
}{
	{"linear", [][]int64{{2, 5, 24}, {7, 24}, {7}}, func(s *torch.Scope,
		x []*torch.Tensor) *torch.Tensor {
		return s.Linear(x[0], x[1], x[2])
	}, true},
	{"matmul", [][]int64{{2, 5, 24}, {24, 7}}, func(s *torch.Scope, x []*torch.Tensor) *torch.Tensor { return s.Matmul(x[0], x[1]) }, true},
	{"batched matmul", [][]int64{{2, 3, 5, 24}, {2, 3, 7, 24}}, func(s *torch.Scope, x []*torch.Tensor) *torch.Tensor {
		return s.Matmul(x[0], s.Transpose(x[1], -2, -1))
	}, true},
	{"conv2d", [][]int64{{2, 3, 8, 8}, {4, 3, 3, 3}, {4}}, func(s *torch.Scope,
		x []*torch.Tensor) *torch.Tensor {
		return s.Conv2D(x[0], x[1], x[2], 2, 1)
	}, true},
	{"conv2d without bias", [][]int64{{2, 3, 8, 8}, {4, 3, 3, 3}}, func(s *torch.Scope,
		x []*torch.Tensor) *torch.Tensor {
		return s.Conv2DNoBias(x[0], x[1], 1, 1)
	}, true},
	{"conv_transpose2d", [][]int64{{2, 3, 4, 4}, {3, 4, 4, 4}, {4}}, func(s *torch.Scope, x []*torch.Tensor) *torch.Tensor {
		return s.ConvTranspose2D(x[0], x[1], x[2], 2, 1)
	}, false},
}

// computed is an operation's result, the same of the operands' magnitudes, and the gradients of Σ k·(y + y²/2).
func computed(s *torch.Scope, shapes [][]int64, f func(s *torch.Scope, x []*torch.Tensor) *torch.Tensor, values [][]float32,
	in func(func())) (y []float32, grads [][]float32) {
	x := make([]*torch.Tensor, len(shapes))
	for i, shape := range shapes {
		x[i] = s.FromFloats(values[i], shape...)
		s.RequireGrad(x[i])
	}
	for i := range x {
		var out *torch.Tensor
		in(func() { out = f(s, x) })
		y = s.Floats(s.Detach(out))
		k := s.FromFloats(ramp(len(y)), out.Shape()...)
		grads = append(grads, s.Floats(s.Gradient(s.Sum(s.Mul(k, s.Add(out, s.Scale(s.Square(out), 0.5)))), x[i])))
	}
	return y, grads
}

func mixed(s *torch.Scope) func(func()) {
	return func(f func()) { s.Products(audit.BFloat16, f) }
}

func plain(f func()) { f() }

// operands are values of the shapes, and their magnitudes.
func operands(shapes [][]int64) (values, sizes [][]float32) {
	for i, shape := range shapes {
		n := int64(1)
		for _, d := range shape {
			n *= d
		}
		v := ramp(int(n) + i)[i:]
		a := make([]float32, len(v))
		for j, x := range v {
			a[j] = float32(math.Abs(float64(x)))
		}
		values, sizes = append(values, v), append(sizes, a)
	}
	return values, sizes
}

// TestProductsInBFloat16 holds results to those in float32 within the roundings' bounds: an operand each, and the
// result, on the product of the magnitudes. They are not the same.
func TestProductsInBFloat16(t *testing.T) {
	for _, c := range products {
		t.Run(c.name, func(t *testing.T) {
			values, sizes := operands(c.shapes)
			on(t, func(s *torch.Scope) {
				want, grads := computed(s, c.shapes, c.f, values, plain)
				got, low := computed(s, c.shapes, c.f, values, mixed(s)) // Floats takes float32 alone
				bound, _ := computed(s, c.shapes, c.f, sizes, plain)
				require.Len(t, got, len(want))
				for i := range want {
					require.InDelta(t, want[i], got[i], 3.05*unit*float64(bound[i]), "value %d", i)
				}
				assert.NotEqual(t, want, got)
				assert.Less(t, off(want, got), 2*unit)
				for i := range grads {
					assert.NotEqual(t, grads[i], low[i], "gradient of operand %d", i)
					assert.Less(t, off(grads[i], low[i]), 4*unit, "gradient of operand %d", i)
				}
				again, lowAgain := computed(s, c.shapes, c.f, values, mixed(s))
				assert.Equal(t, got, again, "the same bits")
				assert.Equal(t, low, lowAgain)
			})
		})
	}
}

// off is the relative error in the root mean square.
func off(want, got []float32) float64 {
	var d, w float64
	for i := range want {
		d += float64(want[i]-got[i]) * float64(want[i]-got[i])
		w += float64(want[i]) * float64(want[i])
	}
	return math.Sqrt(d / w)
}

// TestOperandsOfBFloat16: a product of numbers that bfloat16 has is exact until its result is rounded; others are
// rounded to the nearest, ties to even.
func TestOperandsOfBFloat16(t *testing.T) {
	on(t, func(s *torch.Scope) {
		s.Products(audit.BFloat16, func() {
			x := s.FromFloats([]float32{1, 1 + 2.0/256, -0.5, 1 + 1.0/256, 1 + 3.0/256, 1 + 1.1/256, 0x1.8p126, 0x1.8p-100}, 8, 1)
			assert.Equal(t, []float32{1, 1 + 2.0/256, -0.5, 1, 1 + 4.0/256, 1 + 2.0/256, 0x1.8p126, 0x1.8p-100},
				s.Floats(s.Matmul(x, s.FromFloats([]float32{1}, 1, 1))))
			sum := s.Matmul(s.FromFloats(fill(1024, 1), 1, 1024), s.FromFloats(fill(1024, 1), 1024, 1))
			assert.Equal(t, []float32{1024}, s.Floats(sum), "sums are float32's: bfloat16's own would stay at 256")
		})
	})
}

func fill(n int, v float32) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// TestNativeProducts runs what scopes on CUDA run, by the CPU's kernels for bfloat16, where they are right. Those for
// small matrices add in bfloat16.
func TestNativeProducts(t *testing.T) {
	for _, c := range products {
		t.Run(c.name, func(t *testing.T) {
			if !c.native {
				t.Skip("on the CPU libtorch 1.13.1 runs a plain convolution instead")
			}
			values, _ := operands(c.shapes)
			on(t, func(s *torch.Scope) {
				want, grads := computed(s, c.shapes, c.f, values, mixed(s))
				got, low := computed(s, c.shapes, c.f, values, s.Native)
				assert.Less(t, off(want, got), 4*unit)
				for i := range grads {
					assert.Less(t, off(grads[i], low[i]), 4*unit, "gradient of operand %d", i)
				}
			})
		})
	}
}

// TestPrecisionIsTheScopes: scopes within inherit it, the one before comes back, and nothing else is rounded.
func TestPrecisionIsTheScopes(t *testing.T) {
	const third = float32(1) / 3
	on(t, func(s *torch.Scope) {
		one, x := s.FromFloats([]float32{1}, 1, 1), s.FromFloats([]float32{third}, 1, 1)
		value := func(s *torch.Scope) float32 { return float32(s.Item(s.Matmul(x, one))) }
		within := func(s *torch.Scope) (v float32) {
			s.Within(func(s *torch.Scope) *torch.Tensor {
				return s.Within(func(s *torch.Scope) *torch.Tensor {
					v = value(s)
					return s.Zeros(1)
				})
			})
			return v
		}
		assert.Equal(t, third, value(s))
		s.Products(audit.BFloat16, func() {
			low := value(s)
			assert.NotEqual(t, third, low)
			assert.InEpsilon(t, third, low, unit)
			assert.Equal(t, low, within(s))
			s.NoGrad(func() { assert.Equal(t, low, value(s)) })
			s.Products(audit.Float32, func() {
				assert.Equal(t, third, value(s))
				assert.Equal(t, third, within(s))
			})
			assert.Equal(t, low, value(s))
			for name, y := range map[string]*torch.Tensor{
				"mul": s.Mul(x, one), "dot": s.Dot(s.Reshape(x, 1), s.Reshape(one, 1)), "sum": s.Sum(x), "add": s.Add(x, s.Zeros(1, 1)),
			} {
				assert.Equal(t, float64(third), s.Item(y), name)
			}
			d := s.FromDoubles([]float64{1. / 3}, 1, 1)
			assert.Equal(t, []float64{1. / 9}, s.Doubles(s.Matmul(d, d)), "float64 stays")
		})
		assert.Equal(t, third, value(s))
		assert.Equal(t, third, within(s))
	})
}

func TestPrecisionErrors(t *testing.T) {
	err := fails(t, func(s *torch.Scope) { s.Products("half", func() {}) })
	assert.ErrorContains(t, err, `precision is "half": want float32 or bfloat16`)
	err = fails(t, func(s *torch.Scope) {
		s.Products(audit.BFloat16, func() { s.Matmul(s.Zeros(2, 3), s.Zeros(2, 3)) })
	})
	assert.ErrorContains(t, err, "matmul of [2 3], [2 3]")
	err = fails(t, func(s *torch.Scope) {
		s.Products(audit.BFloat16, func() { s.Matmul(s.Zeros(2, 3), nil) })
	})
	assert.ErrorContains(t, err, "operand 1 does not exist")
}

// TestTrainingInBFloat16: weights and gradients are float32, the course is close to float32's and has other bits, the
// same twice, and nothing leaks.
func TestTrainingInBFloat16(t *testing.T) {
	const steps = 30
	course := func(p audit.Precision) (audit.Digest, float64) {
		n := newNet(t, 3)
		defer n.free()
		for range steps {
			on(t, func(s *torch.Scope) {
				var loss *torch.Tensor
				s.Products(p, func() { loss = n.loss(s) })
				g := s.Gradient(loss, n.p.Flat())
				assert.Len(t, s.Floats(g), n.p.Layout().Size()) // Floats takes float32 alone
				n.opt.Step(s, g, 1e-2)
			})
		}
		d, err := n.p.Digest()
		require.NoError(t, err)
		var last float64
		on(t, func(s *torch.Scope) { last = s.Item(s.Detach(n.loss(s))) })
		return d, last
	}
	noLeak(t, func() {
		exact, want := course(audit.Float32)
		low, got := course(audit.BFloat16)
		again, _ := course(audit.BFloat16)
		assert.NotEqual(t, exact, low)
		assert.Equal(t, low, again)
		assert.Less(t, want, 0.1, "it learns")
		assert.InDelta(t, want, got, 0.02)
	})
}

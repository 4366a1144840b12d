package torch_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/internal/torch"
)

// Trap 8: gotch's MustXxx end the process.
func TestTrap8WrongShapesAreErrors(t *testing.T) {
	f := func(s *torch.Scope, shape ...int64) *torch.Tensor { return s.Zeros(shape...) }
	for name, op := range map[string]func(s *torch.Scope) *torch.Tensor{
		"add of [2], [3]":             func(s *torch.Scope) *torch.Tensor { return s.Add(f(s, 2), f(s, 3)) },
		"matmul of [2 3], [2 3]":      func(s *torch.Scope) *torch.Tensor { return s.Matmul(f(s, 2, 3), f(s, 2, 3)) },
		"dot of [2], [3]":             func(s *torch.Scope) *torch.Tensor { return s.Dot(f(s, 2), f(s, 3)) },
		"linear of [2 3], [4 4], [4]": func(s *torch.Scope) *torch.Tensor { return s.Linear(f(s, 2, 3), f(s, 4, 4), f(s, 4)) },
		"conv2d of [1 3 8 8], [4 2 3 3]": func(s *torch.Scope) *torch.Tensor {
			return s.Conv2D(f(s, 1, 3, 8, 8), f(s, 4, 2, 3, 3),
				f(s, 4), 1, 1)
		},
		"conv2d of [1 3 2 2]": func(s *torch.Scope) *torch.Tensor {
			return s.Conv2D(f(s, 1, 3, 2, 2), f(s, 4, 3, 3, 3),
				f(s, 4), 1, 0)
		},
		"conv2d of [1 1 4 4]": func(s *torch.Scope) *torch.Tensor {
			return s.Conv2D(f(s, 1, 1, 4, 4), f(s, 1, 1, 3, 3),
				f(s, 1), 0, 0)
		},
		"conv_transpose2d of [1 3 4 4]": func(s *torch.Scope) *torch.Tensor {
			return s.ConvTranspose2D(f(s, 1, 3, 4, 4), f(s, 2, 3, 3, 3), f(s, 3), 1, 0)
		},
		"pixel_shuffle of [1 3 2 2]":    func(s *torch.Scope) *torch.Tensor { return s.PixelShuffle(f(s, 1, 3, 2, 2), 2) },
		"pixel_shuffle of [1 4 2 2]":    func(s *torch.Scope) *torch.Tensor { return s.PixelShuffle(f(s, 1, 4, 2, 2), 0) },
		"pixel_unshuffle of [1 1 3 3]":  func(s *torch.Scope) *torch.Tensor { return s.PixelUnshuffle(f(s, 1, 1, 3, 3), 2) },
		"pixel_unshuffle of [1 1 2 2]":  func(s *torch.Scope) *torch.Tensor { return s.PixelUnshuffle(f(s, 1, 1, 2, 2), 0) },
		"layer_norm of [2 3], [4], [4]": func(s *torch.Scope) *torch.Tensor { return s.LayerNorm(f(s, 2, 3), f(s, 4), f(s, 4), 4, 1e-6) },
		"batch_norm of [1 3 2 2]": func(s *torch.Scope) *torch.Tensor {
			return s.BatchNormEval(f(s, 1, 3, 2, 2), f(s, 2), f(s, 2), f(s, 2), f(s, 2), 1e-5)
		},
		"reshape of [6]":             func(s *torch.Scope) *torch.Tensor { return s.Reshape(f(s, 6), 4, 2) },
		"reshape of [5]":             func(s *torch.Scope) *torch.Tensor { return s.Reshape(f(s, 5), 2, -1) },
		"flatten of [4]":             func(s *torch.Scope) *torch.Tensor { return s.Flatten(f(s, 4)) },
		"permute of [2 3]":           func(s *torch.Scope) *torch.Tensor { return s.Permute(f(s, 2, 3), 0, 0) },
		"transpose of [2 3]":         func(s *torch.Scope) *torch.Tensor { return s.Transpose(f(s, 2, 3), 0, 2) },
		"expand of [2 3]":            func(s *torch.Scope) *torch.Tensor { return s.Expand(f(s, 2, 3), 4, 3) },
		"narrow of [4]":              func(s *torch.Scope) *torch.Tensor { return s.Narrow(f(s, 4), 0, 3, 2) },
		"cat of [2 2], [3 3]":        func(s *torch.Scope) *torch.Tensor { return s.Cat(0, f(s, 2, 2), f(s, 3, 3)) },
		"cat":                        func(s *torch.Scope) *torch.Tensor { return s.Cat(0) },
		"index_select of [2 3], [1]": func(s *torch.Scope) *torch.Tensor { return s.IndexSelect(f(s, 2, 3), 1, s.FromInts([]int64{3}, 1)) },
		"gather of [2 3], [1 1]":     func(s *torch.Scope) *torch.Tensor { return s.Gather(f(s, 2, 3), 1, s.FromInts([]int64{3}, 1, 1)) },
		"cross entropy of [2 3], [2]": func(s *torch.Scope) *torch.Tensor {
			return s.CrossEntropy(f(s, 2, 3),
				s.FromInts([]int64{0, 3}, 2))
		},
		"eigvalsh of [2 3]":                func(s *torch.Scope) *torch.Tensor { return s.Eigenvalues(f(s, 2, 3)) },
		"softmax of [2 3]":                 func(s *torch.Scope) *torch.Tensor { return s.Softmax(f(s, 2, 3), 2) },
		"sum of [2 3]":                     func(s *torch.Scope) *torch.Tensor { return s.SumDims(f(s, 2, 3), false, 5) },
		"mean of [2 3]":                    func(s *torch.Scope) *torch.Tensor { return s.MeanDims(f(s, 2, 3), false, -3) },
		"upsample_bilinear2d of [1 2 3]":   func(s *torch.Scope) *torch.Tensor { return s.ResizeBilinear(f(s, 1, 2, 3), 2, 2) },
		"upsample_bilinear2d of [1 2 3 3]": func(s *torch.Scope) *torch.Tensor { return s.ResizeBilinear(f(s, 1, 2, 3, 3), 0, 2) },
		"zeros":                            func(s *torch.Scope) *torch.Tensor { return s.Zeros(1<<40, 1<<40) },
	} {
		t.Run(name, func(t *testing.T) {
			noLeak(t, func() {
				err := fails(t, func(s *torch.Scope) {
					out := op(s)
					// What follows an error does nothing and does not hide it.
					assert.Empty(t, s.Floats(s.Square(out)))
					assert.Zero(t, s.Item(s.Mean(out)))
				})
				assert.True(t, strings.HasPrefix(err.Error(), name), err)
				assert.NotContains(t, err.Error(), "Exception raised from", "no C++ stack")
			})
		})
	}
	on(t, func(s *torch.Scope) {
		assert.InDelta(t, 2, s.Item(s.Shift(s.Zeros(1), 2)), 0, "later work is not disturbed")
	})
}

// Trap 9: an empty list of dimensions panics in gotch, and scalars come back
// as [1].
func TestTrap9EmptyDimensions(t *testing.T) {
	on(t, func(s *torch.Scope) {
		z := s.Zeros()
		assert.Empty(t, z.Shape())
		assert.Equal(t, 1, z.Numel())
		assert.Equal(t, []float32{0}, s.Floats(z))
		x := s.FromFloats([]float32{1, 2, 3, 4}, 2, 2)
		assert.InDelta(t, 10, s.Item(s.SumDims(x, false)), 0, "over no dimensions: over all")
		assert.InDelta(t, 2.5, s.Item(s.MeanDims(x, false)), 0)
		one := s.FromFloats([]float32{7})
		assert.Empty(t, one.Shape())
		assert.Empty(t, s.Reshape(s.FromFloats([]float32{7}, 1, 1)).Shape())
		assert.Empty(t, s.Permute(one).Shape())
		assert.Empty(t, s.Expand(one).Shape())
		assert.Empty(t, s.Mean(x).Shape())
		assert.Equal(t, []float32{}, s.Floats(s.Narrow(x, 0, 1, 0)), "no elements")
	})
	assert.ErrorContains(t, fails(t, func(s *torch.Scope) { s.Reshape(s.Zeros(2)) }), "reshape")
}

// Trap 10: gotch's RunBackward crashes with two inputs. A network has one leaf
// here, its flat vector; that graphs are used wrongly is an error.
func TestTrap10GradientOfOneLeaf(t *testing.T) {
	leaf := func(s *torch.Scope, v ...float32) *torch.Tensor {
		x := s.FromFloats(v, int64(len(v)))
		s.RequireGrad(x)
		return x
	}
	on(t, func(s *torch.Scope) {
		x, y := leaf(s, 1, -2, 3), leaf(s, 5)
		grad := s.Gradient(s.Add(s.Sum(s.Square(x)), s.Sum(s.Mul(x, y))), x)
		assert.Equal(t, []float32{7, 1, 11}, s.Floats(grad), "2x + y")
		grad = s.Gradient(s.Sum(s.Square(x)), x)
		assert.Equal(t, []float32{2, -4, 6}, s.Floats(grad), "nothing accumulates")
	})
	for name, c := range map[string]struct {
		want string
		f    func(s *torch.Scope)
	}{
		"no leaf":      {"grad", func(s *torch.Scope) { x := s.Zeros(2); s.Gradient(s.Sum(leaf(s, 1)), x) }},
		"no graph":     {"does not depend", func(s *torch.Scope) { s.Gradient(s.Sum(s.Zeros(2)), leaf(s, 1)) }},
		"detached":     {"does not depend", func(s *torch.Scope) { x := leaf(s, 1); s.Gradient(s.Detach(s.Sum(x)), x) }},
		"in NoGrad":    {"does not depend", func(s *torch.Scope) { x := leaf(s, 1); s.NoGrad(func() { s.Gradient(s.Sum(x), x) }) }},
		"another leaf": {"does not depend", func(s *torch.Scope) { s.Gradient(s.Sum(leaf(s, 1)), leaf(s, 2)) }},
		"two numbers":  {"2 elements", func(s *torch.Scope) { x := leaf(s, 1, 2); s.Gradient(s.Square(x), x) }},
		"twice":        {"second time", func(s *torch.Scope) { x := leaf(s, 1); l := s.Sum(s.Square(x)); s.Gradient(l, x); s.Gradient(l, x) }},
		"freed":        {"was freed", func(s *torch.Scope) { x := leaf(s, 1); l := s.Sum(x); x.Free(); s.Gradient(l, x) }},
	} {
		t.Run(name, func(t *testing.T) {
			noLeak(t, func() { assert.ErrorContains(t, fails(t, c.f), c.want) })
		})
	}
}

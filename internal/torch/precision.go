package torch

import (
	lib "github.com/sugarme/gotch/libtch"

	"github.com/lethe-audit/lethe/audit"
)

// rounding is what a scope does to the float32 operands of products.
type rounding int8

const (
	exact   rounding = iota
	rounded          // to bfloat16 and back: the product itself is float32's
	native           // to bfloat16, for kernels of that type
)

// Products runs f with the scope's matrix products and convolutions (Linear, Matmul, Conv2D, Conv2DNoBias,
// ConvTranspose2D), and those of scopes within it, in a precision, and restores the one before. In bfloat16 operands and
// result are rounded,
//
//	y = R(Σ R(x)·R(w) + R(b)),   |R(v) − v| ≤ 2⁻⁸·|v|,
//
// and so are the gradients of y, x, w and b on their way back. Everything else is float32: weights and the sum of their
// gradients, normalisations, softmax, losses, the optimiser. That is mixed precision as torch.autocast has it, which
// lists the same operations for its lower type (PyTorch's documentation of torch.amp, "CUDA Op-Specific Behavior"). Two
// things differ: results go on in float32, so that what stands between two products is not rounded again and activations
// take as much memory as before, and the copies of the weights are not shared among products. bfloat16 has float32's
// exponents, so that gradients do not vanish and no loss is scaled (Kalamkar et al. 2019, arXiv 1905.12322).
//
// CUDA's kernels multiply bfloat16. On the CPU the rounded operands are multiplied in float32: products of two
// significands of 8 bits are exact there, so that it is the same but for the order of sums. libtorch has kernels for
// bfloat16 on the CPU too, but those of 1.13.1 add in bfloat16 where matrices are small, and run a transposed
// convolution as a plain one, with no error if the shapes allow it.
func (s *Scope) Products(p audit.Precision, f func()) {
	before := s.products
	defer func() { s.products = before }()
	_, err := audit.ParsePrecision(string(p))
	switch {
	case err != nil:
		s.Fail(err)
	case p == audit.Float32:
		s.products = exact
	case s.dev == CPU:
		s.products = rounded
	default:
		s.products = native
	}
	f()
}

// product runs an operation in the scope's precision. in are the variables through which f reads its operands: they are
// set to the rounded ones.
func (s *Scope) product(name string, f func(out *lib.Ctensor), in ...**Tensor) *Tensor {
	operands := make([]*Tensor, len(in))
	for i, x := range in {
		operands[i] = *x
	}
	if s.products == exact || !s.ready(name, operands) {
		return s.op(name, f, operands...)
	}
	return s.Within(func(s *Scope) *Tensor {
		for i, x := range in {
			*x = s.lower(operands[i])
			operands[i] = *x
		}
		return s.raise(s.op(name, f, operands...))
	})
}

// lower rounds an operand. What is not float32 stays.
func (s *Scope) lower(t *Tensor) *Tensor {
	low := s.cast(t, kindFloat, kindBFloat16)
	if s.products == rounded {
		return s.cast(low, kindBFloat16, kindFloat)
	}
	return low
}

// raise rounds a result and makes it float32.
func (s *Scope) raise(t *Tensor) *Tensor {
	return s.cast(s.cast(t, kindFloat, kindBFloat16), kindBFloat16, kindFloat)
}

// cast changes the number type of tensors that have a certain one. Gradients are cast back.
func (s *Scope) cast(t *Tensor, from, to int) *Tensor {
	if s.err != nil || int(lib.AtScalarType(t.c)) != from {
		return t
	}
	return s.op("cast", func(o *lib.Ctensor) { lib.AtgToDtype(o, t.c, int32(to), 0, 0) }, t)
}

package torch

import lib "github.com/sugarme/gotch/libtch"

// Arithmetic with broadcasting, as PyTorch's functions of the same names.

// Add is a + b.
func (s *Scope) Add(a, b *Tensor) *Tensor {
	return s.op("add", func(o *lib.Ctensor) { lib.AtgAdd(o, a.c, b.c) }, a, b)
}

// Sub is a − b.
func (s *Scope) Sub(a, b *Tensor) *Tensor {
	return s.op("sub", func(o *lib.Ctensor) { lib.AtgSub(o, a.c, b.c) }, a, b)
}

// Mul is the elementwise product.
func (s *Scope) Mul(a, b *Tensor) *Tensor {
	return s.op("mul", func(o *lib.Ctensor) { lib.AtgMul(o, a.c, b.c) }, a, b)
}

// Div is the elementwise quotient.
func (s *Scope) Div(a, b *Tensor) *Tensor {
	return s.op("div", func(o *lib.Ctensor) { lib.AtgDiv(o, a.c, b.c) }, a, b)
}

// Scale is v·a.
func (s *Scope) Scale(a *Tensor, v float64) *Tensor {
	c := lib.AtsFloat(v)
	defer lib.AtsFree(c)
	return s.op("scale", func(o *lib.Ctensor) { lib.AtgMulScalar(o, a.c, c) }, a)
}

// Shift is a + v.
func (s *Scope) Shift(a *Tensor, v float64) *Tensor {
	c := lib.AtsFloat(v)
	defer lib.AtsFree(c)
	return s.op("shift", func(o *lib.Ctensor) { lib.AtgAddScalar(o, a.c, c) }, a)
}

// Neg is −a.
func (s *Scope) Neg(a *Tensor) *Tensor {
	return s.op("neg", func(o *lib.Ctensor) { lib.AtgNeg(o, a.c) }, a)
}

// Square is a².
func (s *Scope) Square(a *Tensor) *Tensor {
	return s.op("square", func(o *lib.Ctensor) { lib.AtgSquare(o, a.c) }, a)
}

// Sqrt is √a.
func (s *Scope) Sqrt(a *Tensor) *Tensor {
	return s.op("sqrt", func(o *lib.Ctensor) { lib.AtgSqrt(o, a.c) }, a)
}

// ClampMax is min(a, v).
func (s *Scope) ClampMax(a *Tensor, v float64) *Tensor {
	c := lib.AtsFloat(v)
	defer lib.AtsFree(c)
	return s.op("clamp", func(o *lib.Ctensor) { lib.AtgClampMax(o, a.c, c) }, a)
}

// Tanh is the hyperbolic tangent.
func (s *Scope) Tanh(a *Tensor) *Tensor {
	return s.op("tanh", func(o *lib.Ctensor) { lib.AtgTanh(o, a.c) }, a)
}

// SiLU is a·sigmoid(a).
func (s *Scope) SiLU(a *Tensor) *Tensor {
	return s.op("silu", func(o *lib.Ctensor) { lib.AtgSilu(o, a.c) }, a)
}

// ReLU is max(a, 0).
func (s *Scope) ReLU(a *Tensor) *Tensor {
	return s.op("relu", func(o *lib.Ctensor) { lib.AtgRelu(o, a.c) }, a)
}

// GELU is a·Φ(a), exact.
func (s *Scope) GELU(a *Tensor) *Tensor {
	return s.op("gelu", func(o *lib.Ctensor) { lib.AtgGelu(o, a.c, "none") }, a)
}

// Softmax along a dimension.
func (s *Scope) Softmax(a *Tensor, dim int64) *Tensor {
	return s.op("softmax", func(o *lib.Ctensor) { lib.AtgSoftmax(o, a.c, dim, kindFloat) }, a)
}

// Sum adds all elements.
func (s *Scope) Sum(a *Tensor) *Tensor {
	return s.op("sum", func(o *lib.Ctensor) { lib.AtgSum(o, a.c, kindFloat) }, a)
}

// SumDims adds along dimensions.
func (s *Scope) SumDims(a *Tensor, keep bool, dims ...int64) *Tensor {
	d, n := ints(dims)
	return s.op("sum", func(o *lib.Ctensor) { lib.AtgSumDimIntlist(o, a.c, d, n, flag(keep), kindFloat) }, a)
}

// Mean averages all elements.
func (s *Scope) Mean(a *Tensor) *Tensor {
	return s.op("mean", func(o *lib.Ctensor) { lib.AtgMean(o, a.c, kindFloat) }, a)
}

// MeanDims averages along dimensions.
func (s *Scope) MeanDims(a *Tensor, keep bool, dims ...int64) *Tensor {
	d, n := ints(dims)
	return s.op("mean", func(o *lib.Ctensor) { lib.AtgMeanDim(o, a.c, d, n, flag(keep), kindFloat) }, a)
}

// Dot is the inner product of two vectors.
func (s *Scope) Dot(a, b *Tensor) *Tensor {
	return s.op("dot", func(o *lib.Ctensor) { lib.AtgDot(o, a.c, b.c) }, a, b)
}

// Matmul is the (batched) matrix product.
func (s *Scope) Matmul(a, b *Tensor) *Tensor {
	return s.product("matmul", func(o *lib.Ctensor) { lib.AtgMatmul(o, a.c, b.c) }, &a, &b)
}

// CrossEntropy is the mean cross entropy of logits [N, K] with classes [N].
func (s *Scope) CrossEntropy(logits, classes *Tensor) *Tensor {
	return s.op("cross entropy", func(o *lib.Ctensor) {
		none := lib.AtNewTensor() // no weights of classes
		defer lib.AtFree(none)
		lib.AtgCrossEntropyLoss(o, logits.c, classes.c, none, 1, -100, 0)
	}, logits, classes)
}

func flag(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

package torch

import (
	"fmt"
	"unsafe"

	lib "github.com/sugarme/gotch/libtch"
)

// Operations on tokens: indices into a table of vectors.

// Embedding looks up rows: table [K, d] and index [...] of int64 give [..., d].
func (s *Scope) Embedding(table, index *Tensor) *Tensor {
	return s.op("embedding", func(o *lib.Ctensor) { lib.AtgEmbedding(o, table.c, index.c, -1, 0, 0) }, table, index)
}

// Argmin is the place of the smallest element along a dimension, int64; of equal ones, one of them.
func (s *Scope) Argmin(a *Tensor, dim int64) *Tensor {
	return s.op("argmin", func(o *lib.Ctensor) { lib.AtgArgmin(o, a.c, dim, 0, 0) }, a)
}

// Argmax is the place of the largest element along a dimension, int64; of equal ones, one of them.
func (s *Scope) Argmax(a *Tensor, dim int64) *Tensor {
	return s.op("argmax", func(o *lib.Ctensor) { lib.AtgArgmax(o, a.c, dim, 0, 0) }, a)
}

// LogSoftmax is log softmax along a dimension.
func (s *Scope) LogSoftmax(a *Tensor, dim int64) *Tensor {
	return s.op("log_softmax", func(o *lib.Ctensor) { lib.AtgLogSoftmax(o, a.c, dim, kindFloat) }, a)
}

// SmoothedCrossEntropy is each row's cross entropy in nats, [N], of logits [N, K] with classes [N] whose labels are
// smoothed (Szegedy et al. 2016): (1−ε)·(−log p_class) + ε·(mean of −log p over the K classes).
func (s *Scope) SmoothedCrossEntropy(logits, classes *Tensor, epsilon float64) *Tensor {
	return s.op("cross entropy", func(o *lib.Ctensor) {
		none := lib.AtNewTensor() // no weights of classes
		defer lib.AtFree(none)
		lib.AtgCrossEntropyLoss(o, logits.c, classes.c, none, 0, -100, epsilon)
	}, logits, classes)
}

// Ints copies an int64 tensor to the host.
func (s *Scope) Ints(t *Tensor) []int64 {
	if !s.ready("read", []*Tensor{t}) {
		return nil
	}
	if k := lib.AtScalarType(t.c); k != kindInt64 {
		s.Fail(fmt.Errorf("read: the tensor's number type is %d, want int64", k))
		return nil
	}
	out := make([]int64, t.Numel())
	if len(out) == 0 {
		return out
	}
	s.copyOut(t, unsafe.Pointer(&out[0]), len(out), 8)
	return out
}

// Tracked reports whether gradients can be asked through t.
func (t *Tensor) Tracked() bool { return t != nil && t.c != nil && lib.AtRequiresGrad(t.c) }

package torch

import (
	"errors"
	"fmt"
	"unsafe"

	lib "github.com/sugarme/gotch/libtch"
)

// ints gives libtorch a non-empty array: gotch takes the address of element 0.
func ints(v []int64) ([]int64, int) {
	if len(v) == 0 {
		return []int64{0}, 0
	}
	return v, len(v)
}

func numel(shape []int64) int {
	n := int64(1)
	for _, d := range shape {
		n *= d
	}
	return int(n)
}

// Shape lists the tensor's dimensions.
func (t *Tensor) Shape() []int64 {
	if t == nil || t.c == nil {
		return nil
	}
	n := int(lib.AtDim(t.c))
	shape := make([]int64, n+1) // one more: never the address of an empty slice
	lib.AtShape(t.c, unsafe.Pointer(&shape[0]))
	return shape[:n]
}

// Numel is the number of elements.
func (t *Tensor) Numel() int { return numel(t.Shape()) }

// FromFloats copies values into a new float32 tensor of the given shape.
func (s *Scope) FromFloats(values []float32, shape ...int64) *Tensor {
	if numel(shape) != len(values) || len(values) == 0 {
		s.Fail(fmt.Errorf("tensor of shape %v cannot hold %d values", shape, len(values)))
	}
	if s.err != nil {
		return &Tensor{}
	}
	return s.fromData(unsafe.Pointer(&values[0]), shape, 4, kindFloat)
}

// FromInts copies values into a new int64 tensor of the given shape.
func (s *Scope) FromInts(values []int64, shape ...int64) *Tensor {
	if numel(shape) != len(values) || len(values) == 0 {
		s.Fail(fmt.Errorf("tensor of shape %v cannot hold %d values", shape, len(values)))
	}
	if s.err != nil {
		return &Tensor{}
	}
	return s.fromData(unsafe.Pointer(&values[0]), shape, 8, kindInt64)
}

// FromDoubles copies values into a new float64 tensor of the given shape.
func (s *Scope) FromDoubles(values []float64, shape ...int64) *Tensor {
	if numel(shape) != len(values) || len(values) == 0 {
		s.Fail(fmt.Errorf("tensor of shape %v cannot hold %d values", shape, len(values)))
	}
	if s.err != nil {
		return &Tensor{}
	}
	return s.fromData(unsafe.Pointer(&values[0]), shape, 8, kindDouble)
}

func (s *Scope) fromData(p unsafe.Pointer, shape []int64, size uint, kind int) *Tensor {
	dims, n := ints(shape)
	t := s.op("tensor", func(out *lib.Ctensor) {
		*out = lib.AtTensorOfData(p, dims, uint(n), size, kind)
	})
	if s.dev == CPU {
		return t
	}
	return s.op("to device", func(out *lib.Ctensor) { lib.AtgTo(out, t.c, int32(s.dev)) }, t)
}

// Zeros makes a float32 tensor of zeros.
func (s *Scope) Zeros(shape ...int64) *Tensor {
	dims, n := ints(shape)
	return s.op("zeros", func(out *lib.Ctensor) { lib.AtgZeros(out, dims, n, kindFloat, int32(s.dev)) })
}

// Floats copies a float32 tensor to the host.
func (s *Scope) Floats(t *Tensor) []float32 {
	if !s.ready("read", []*Tensor{t}) {
		return nil
	}
	if k := lib.AtScalarType(t.c); k != kindFloat {
		s.Fail(fmt.Errorf("read: the tensor's number type is %d, want float32", k))
		return nil
	}
	out := make([]float32, t.Numel())
	if len(out) == 0 {
		return out
	}
	s.copyOut(t, unsafe.Pointer(&out[0]), len(out), 4)
	return out
}

// Doubles copies a float64 tensor to the host.
func (s *Scope) Doubles(t *Tensor) []float64 {
	if !s.ready("read", []*Tensor{t}) {
		return nil
	}
	if k := lib.AtScalarType(t.c); k != kindDouble {
		s.Fail(fmt.Errorf("read: the tensor's number type is %d, want float64", k))
		return nil
	}
	out := make([]float64, t.Numel())
	if len(out) == 0 {
		return out
	}
	s.copyOut(t, unsafe.Pointer(&out[0]), len(out), 8)
	return out
}

func (s *Scope) copyOut(t *Tensor, p unsafe.Pointer, n int, size uint) {
	lib.AtCopyData(t.c, p, uint(n), size)
	if err := lastError(); err != nil {
		s.Fail(fmt.Errorf("read: %w", err))
	}
}

// Item is the value of a tensor with one float32 element.
func (s *Scope) Item(t *Tensor) float64 {
	v := s.Floats(t)
	if s.err != nil {
		return 0
	}
	if len(v) != 1 {
		s.Fail(fmt.Errorf("item: the tensor has %d elements, want one", len(v)))
		return 0
	}
	return float64(v[0])
}

// Gradient is d loss / d x for a leaf x made with RequireGrad. loss has one
// element and depends on x. The graph is freed. Nothing accumulates from step
// to step.
func (s *Scope) Gradient(loss, x *Tensor) *Tensor {
	if !s.differentiable(loss, x) {
		return &Tensor{}
	}
	a, b := loss.c, x.c
	grad := s.op("backward", func(out *lib.Ctensor) { lib.AtRunBackward(&a, 1, &b, 1, out, 0, 0) }, loss, x)
	if s.err == nil && !lib.AtDefined(grad.c) {
		s.Fail(errNoGraph)
		return &Tensor{}
	}
	return grad
}

var errNoGraph = errors.New("backward: the loss does not depend on the weights: is it detached, or computed under NoGrad?")

// differentiable wants a loss of one number with a graph.
func (s *Scope) differentiable(loss *Tensor, xs ...*Tensor) bool {
	if !s.ready("backward", append([]*Tensor{loss}, xs...)) {
		return false
	}
	if n := loss.Numel(); n != 1 {
		s.Fail(fmt.Errorf("backward: the loss has %d elements, want one", n))
		return false
	}
	if !lib.AtRequiresGrad(loss.c) { // libtorch would crash
		s.Fail(errNoGraph)
		return false
	}
	return true
}

// RequireGrad makes t a leaf that gradients can be asked of.
func (s *Scope) RequireGrad(t *Tensor) {
	s.inPlace("require grad", func(out *lib.Ctensor) { lib.AtgSetRequiresGrad(out, t.c, 1) }, t)
}

// CopyInto overwrites dst's values with src's.
func (s *Scope) CopyInto(dst, src *Tensor) {
	if !s.ready("copy", []*Tensor{dst, src}) {
		return
	}
	s.NoGrad(func() { lib.AtCopy_(dst.c, src.c) })
	if err := lastError(); err != nil {
		s.Fail(fmt.Errorf("copy %v into %v: %w", src.Shape(), dst.Shape(), err))
	}
}

package torch

import (
	"errors"

	lib "github.com/sugarme/gotch/libtch"
)

// Linear is x·wᵀ + b for w [out, in].
func (s *Scope) Linear(x, w, b *Tensor) *Tensor {
	return s.product("linear", func(o *lib.Ctensor) { lib.AtgLinear(o, x.c, w.c, b.c) }, &x, &w, &b)
}

// Conv2D correlates x [N, in, H, W] with w [out, in, k, k].
func (s *Scope) Conv2D(x, w, b *Tensor, stride, pad int64) *Tensor {
	st, pd, one := []int64{stride, stride}, []int64{pad, pad}, []int64{1, 1}
	return s.product("conv2d", func(o *lib.Ctensor) {
		lib.AtgConv2d(o, x.c, w.c, b.c, st, 2, pd, 2, one, 2, 1)
	}, &x, &w, &b)
}

// ConvTranspose2D is the transposed convolution with w [in, out, k, k].
func (s *Scope) ConvTranspose2D(x, w, b *Tensor, stride, pad int64) *Tensor {
	st, pd, zero, one := []int64{stride, stride}, []int64{pad, pad}, []int64{0, 0}, []int64{1, 1}
	return s.product("conv_transpose2d", func(o *lib.Ctensor) {
		lib.AtgConvTranspose2d(o, x.c, w.c, b.c, st, 2, pd, 2, zero, 2, 1, one, 2)
	}, &x, &w, &b)
}

// PixelShuffle turns [N, C·r², H, W] into [N, C, H·r, W·r].
func (s *Scope) PixelShuffle(x *Tensor, r int64) *Tensor {
	return s.op("pixel_shuffle", func(o *lib.Ctensor) { lib.AtgPixelShuffle(o, x.c, r) }, x)
}

// PixelUnshuffle turns [N, C, H·r, W·r] into [N, C·r², H, W].
func (s *Scope) PixelUnshuffle(x *Tensor, r int64) *Tensor {
	return s.op("pixel_unshuffle", func(o *lib.Ctensor) { lib.AtgPixelUnshuffle(o, x.c, r) }, x)
}

// LayerNorm normalises the last dimension, of size d.
func (s *Scope) LayerNorm(x, w, b *Tensor, d int64, eps float64) *Tensor {
	dims := []int64{d}
	return s.op("layer_norm", func(o *lib.Ctensor) {
		lib.AtgLayerNorm(o, x.c, dims, 1, w.c, b.c, eps, 0)
	}, x, w, b)
}

// BatchNormEval normalises channels with stored statistics.
func (s *Scope) BatchNormEval(x, w, b, mean, variance *Tensor, eps float64) *Tensor {
	return s.op("batch_norm", func(o *lib.Ctensor) {
		lib.AtgBatchNorm(o, x.c, w.c, b.c, mean.c, variance.c, 0, 0.1, eps, 0)
	}, x, w, b, mean, variance)
}

// Reshape gives the tensor another shape; one dimension may be −1.
func (s *Scope) Reshape(x *Tensor, shape ...int64) *Tensor {
	d, n := ints(shape)
	return s.op("reshape", func(o *lib.Ctensor) { lib.AtgReshape(o, x.c, d, n) }, x)
}

// Flatten keeps dimension 0.
func (s *Scope) Flatten(x *Tensor) *Tensor {
	return s.op("flatten", func(o *lib.Ctensor) { lib.AtgFlatten(o, x.c, 1, -1) }, x)
}

// Permute reorders the dimensions.
func (s *Scope) Permute(x *Tensor, dims ...int64) *Tensor {
	d, n := ints(dims)
	return s.op("permute", func(o *lib.Ctensor) { lib.AtgPermute(o, x.c, d, n) }, x)
}

// Transpose exchanges two dimensions.
func (s *Scope) Transpose(x *Tensor, a, b int64) *Tensor {
	return s.op("transpose", func(o *lib.Ctensor) { lib.AtgTranspose(o, x.c, a, b) }, x)
}

// Expand repeats dimensions of size one without copying.
func (s *Scope) Expand(x *Tensor, shape ...int64) *Tensor {
	d, n := ints(shape)
	return s.op("expand", func(o *lib.Ctensor) { lib.AtgExpand(o, x.c, d, n, 0) }, x)
}

// Narrow takes length slices from start along a dimension.
func (s *Scope) Narrow(x *Tensor, dim, start, length int64) *Tensor {
	return s.op("narrow", func(o *lib.Ctensor) { lib.AtgNarrow(o, x.c, dim, start, length) }, x)
}

// Cat joins tensors along a dimension.
func (s *Scope) Cat(dim int64, xs ...*Tensor) *Tensor {
	if len(xs) == 0 {
		s.Fail(errors.New("cat: no tensors"))
	}
	cs := make([]lib.Ctensor, len(xs))
	for i, x := range xs {
		if x != nil {
			cs[i] = x.c
		}
	}
	return s.op("cat", func(o *lib.Ctensor) { lib.AtgCat(o, cs, len(cs), dim) }, xs...)
}

// IndexSelect takes the slices that index [n] names along a dimension.
func (s *Scope) IndexSelect(x *Tensor, dim int64, index *Tensor) *Tensor {
	return s.op("index_select", func(o *lib.Ctensor) { lib.AtgIndexSelect(o, x.c, dim, index.c) }, x, index)
}

// Gather is PyTorch's gather.
func (s *Scope) Gather(x *Tensor, dim int64, index *Tensor) *Tensor {
	return s.op("gather", func(o *lib.Ctensor) { lib.AtgGather(o, x.c, dim, index.c, 0) }, x, index)
}

// Detach cuts the graph.
func (s *Scope) Detach(x *Tensor) *Tensor {
	return s.op("detach", func(o *lib.Ctensor) { lib.AtgDetach(o, x.c) }, x)
}

// ResizeBilinear is torch's interpolate(mode="bilinear", align_corners=False)
// without antialiasing.
func (s *Scope) ResizeBilinear(x *Tensor, h, w int64) *Tensor {
	size := []int64{h, w}
	return s.op("upsample_bilinear2d", func(o *lib.Ctensor) {
		lib.AtgUpsampleBilinear2d(o, x.c, size, 2, 0, 0, 1, 0, 1)
	}, x)
}

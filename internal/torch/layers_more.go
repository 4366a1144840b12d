package torch

import lib "github.com/sugarme/gotch/libtch"

// Conv2DNoBias correlates x [N, in, H, W] with w [out, in, k, k] and adds nothing.
func (s *Scope) Conv2DNoBias(x, w *Tensor, stride, pad int64) *Tensor {
	st, pd, one := []int64{stride, stride}, []int64{pad, pad}, []int64{1, 1}
	return s.product("conv2d", func(o *lib.Ctensor) {
		none := lib.AtNewTensor() // no bias
		defer lib.AtFree(none)
		lib.AtgConv2d(o, x.c, w.c, none, st, 2, pd, 2, one, 2, 1)
	}, &x, &w)
}

// MaxPool2DCeil takes the largest of every k×k window, stride apart. The last window of a row or column may hang over
// the edge (ceil_mode), as Caffe's networks have it.
func (s *Scope) MaxPool2DCeil(x *Tensor, k, stride int64) *Tensor {
	size, st, zero, one := []int64{k, k}, []int64{stride, stride}, []int64{0, 0}, []int64{1, 1}
	return s.op("max_pool2d", func(o *lib.Ctensor) {
		lib.AtgMaxPool2d(o, x.c, size, 2, st, 2, zero, 2, one, 2, 1)
	}, x)
}

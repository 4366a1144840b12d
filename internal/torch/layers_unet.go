package torch

import lib "github.com/sugarme/gotch/libtch"

// What a U-Net takes beside convolutions.

// GroupNorm normalises x [N, C, …] within groups of C/groups channels, over their channels and positions together, then
// scales and shifts every channel by w, b [C] (Wu & He 2018, arXiv 1803.08494). One group per channel is instance
// normalisation.
func (s *Scope) GroupNorm(x, w, b *Tensor, groups int64, eps float64) *Tensor {
	return s.op("group_norm", func(o *lib.Ctensor) { lib.AtgGroupNorm(o, x.c, groups, w.c, b.c, eps, 0) }, x, w, b)
}

// UpsampleNearest repeats every pixel of x [N, C, H, W] in a square of side r: [N, C, H·r, W·r].
func (s *Scope) UpsampleNearest(x *Tensor, r int64) *Tensor {
	if !s.ready("upsample_nearest2d", []*Tensor{x}) {
		return &Tensor{}
	}
	size := make([]int64, 2)
	if shape := x.Shape(); len(shape) == 4 { // else libtorch refuses x
		size[0], size[1] = shape[2]*r, shape[3]*r
	}
	return s.op("upsample_nearest2d", func(o *lib.Ctensor) {
		lib.AtgUpsampleNearest2d(o, x.c, size, 2, 0, 1, 0, 1)
	}, x)
}

// AvgPool2D averages every square of side k, which do not overlap: [N, C, ⌊H/k⌋, ⌊W/k⌋].
func (s *Scope) AvgPool2D(x *Tensor, k int64) *Tensor {
	size, zero := []int64{k, k}, []int64{0, 0}
	return s.op("avg_pool2d", func(o *lib.Ctensor) {
		lib.AtgAvgPool2d(o, x.c, size, 2, size, 2, zero, 2, 0, 1, 0, 1)
	}, x)
}

// Clamp is min(max(a, lo), hi). Its gradient is 0 outside.
func (s *Scope) Clamp(a *Tensor, lo, hi float64) *Tensor {
	l, h := lib.AtsFloat(lo), lib.AtsFloat(hi)
	defer lib.AtsFree(l)
	defer lib.AtsFree(h)
	return s.op("clamp", func(o *lib.Ctensor) { lib.AtgClamp(o, a.c, l, h) }, a)
}

// AddGroupNorm declares name.weight and name.bias [channels].
func (l *Layout) AddGroupNorm(name string, channels int) { l.AddLayerNorm(name, channels) }

// AddZeroConv declares what AddConv does, with zeros to start from: a residual branch that begins as nothing.
func (l *Layout) AddZeroConv(name string, in, out, k int) {
	l.Add(name+".weight", Zeros, int64(out), int64(in), int64(k), int64(k))
	l.Add(name+".bias", Zeros, int64(out))
}

// GroupNorm applies the layer that AddGroupNorm declared, with ε = 1e-5.
func (w Weights) GroupNorm(s *Scope, name string, x *Tensor, groups int) *Tensor {
	return s.GroupNorm(x, w[name+".weight"], w[name+".bias"], int64(groups), 1e-5)
}

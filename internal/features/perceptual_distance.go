package features

import (
	"github.com/lethe-audit/lethe/internal/torch"
)

// distanceEpsilon, under the root, keeps the length of a pixel without activation differentiable: 1e-5 in length, where
// metrics.LPIPS, which has no slope to give, adds 1e-10.
const distanceEpsilon = 1e-10

// Distance is LPIPS (see metrics.LPIPS) of pairs of images a and b [N, 3, S, S] in [−1, 1], red first, [N], as a part of
// a gradient's graph: a training loss. The network and the linear weights lin, which must fit ([Perceptual.Fits]), get
// no gradient. In the value it differs from metrics.LPIPS where activations are of the order of 1e-5.
func (e *Perceptual) Distance(s *torch.Scope, lin [][]float64, a, b *torch.Tensor) *torch.Tensor {
	x, y := e.directions(s, a), e.directions(s, b)
	if s.Err() != nil || len(x) != len(lin) {
		return a
	}
	var total *torch.Tensor
	for l, weights := range lin {
		w := make([]float32, len(weights))
		for c, v := range weights {
			w[c] = float32(v)
		}
		d := s.Mul(s.Square(s.Sub(x[l], y[l])), s.FromFloats(w, 1, int64(len(w)), 1, 1))
		d = s.MeanDims(s.SumDims(d, false, 1), false, 1, 2)
		if total == nil {
			total = d
		} else {
			total = s.Add(total, d)
		}
	}
	return total
}

// directions are every layer's activations over their length at each pixel, [N, C, H, W].
func (e *Perceptual) directions(s *torch.Scope, x *torch.Tensor) (out []*torch.Tensor) {
	var shift, scale [3]float32
	for c := range shift {
		shift[c], scale[c] = -lpipsInput.shift[c]/lpipsInput.scale[c], 1/lpipsInput.scale[c]
	}
	x = s.Add(s.Mul(x, s.FromFloats(scale[:], 1, 3, 1, 1)), s.FromFloats(shift[:], 1, 3, 1, 1))
	var w torch.Weights
	s.NoGrad(func() { w = e.p.Bind(s) })
	e.net.forward(s, w, x, func(layer int, h *torch.Tensor) {
		if len(out) < len(perceptualLayers) && layer == perceptualLayers[len(out)] {
			length := s.Sqrt(s.Shift(s.SumDims(s.Square(h), true, 1), distanceEpsilon))
			out = append(out, s.Div(h, length))
		}
	})
	return out
}

package palette

import (
	"math"

	"github.com/lethe-audit/lethe/internal/torch"
)

// forward is the network's answer [N, out, S, S] to x [N, in, S, S] at the noise levels γ [N], and the outputs of the
// blocks on the way down and of the middle.
func (u *unet) forward(s *torch.Scope, w torch.Weights, x *torch.Tensor, levels []float64) (out *torch.Tensor, way []*torch.Tensor) {
	way, e := u.descend(s, w, x, levels)
	h := way[len(way)-1]
	for i, block := range u.up {
		h = u.run(s, w, block, s.Cat(1, h, way[len(way)-2-i]), e)
	}
	h = s.SiLU(w.GroupNorm(s, "out.norm", h, u.group))
	return w.Conv(s, "out.conv", h, 1, 1), way
}

// descend is the first half: the outputs of the blocks on the way down and of the middle, and the embedded noise level.
func (u *unet) descend(s *torch.Scope, w torch.Weights, x *torch.Tensor, levels []float64) (way []*torch.Tensor, e *torch.Tensor) {
	e = s.FromFloats(waves(levels, u.channels), int64(len(levels)), int64(u.channels))
	e = w.Linear(s, "noise.fc2", s.SiLU(w.Linear(s, "noise.fc1", e)))
	e = s.SiLU(e) // every residual block begins with it
	h := x
	for _, block := range u.down {
		h = u.run(s, w, block, h, e)
		way = append(way, h)
	}
	return append(way, u.run(s, w, u.middle, h, e)), e
}

func (u *unet) run(s *torch.Scope, w torch.Weights, block []unetPart, h, e *torch.Tensor) *torch.Tensor {
	for _, p := range block {
		switch p.kind {
		case convPart:
			h = w.Conv(s, p.name, h, 1, 1)
		case attentionPart:
			h = s.Within(func(s *torch.Scope) *torch.Tensor { return u.attend(s, w, p, h) })
		case residualPart:
			h = s.Within(func(s *torch.Scope) *torch.Tensor { return u.residual(s, w, p, h, e) })
		}
	}
	return h
}

// residual is skip(x) + conv(SiLU((1 + scale)·norm(conv(SiLU(norm(x)))) + shift)), with scale and shift linear in the
// embedded noise level e. Where the side changes, it does so before the first convolution and on the way past.
func (u *unet) residual(s *torch.Scope, w torch.Weights, p unetPart, x, e *torch.Tensor) *torch.Tensor {
	h := resample(s, s.SiLU(w.GroupNorm(s, p.name+".norm1", x, u.group)), p.resample)
	h = w.Conv(s, p.name+".conv1", h, 1, 1)
	film := w.Linear(s, p.name+".film", e)
	out := int64(p.out)
	scale, shift := s.Narrow(film, 1, 0, out), s.Narrow(film, 1, out, out)
	h = w.GroupNorm(s, p.name+".norm2", h, u.group)
	h = s.Add(s.Mul(h, s.Shift(s.Reshape(scale, -1, out, 1, 1), 1)), s.Reshape(shift, -1, out, 1, 1))
	h = w.Conv(s, p.name+".conv2", s.SiLU(h), 1, 1)
	x = resample(s, x, p.resample)
	if p.in != p.out {
		x = w.Conv(s, p.name+".skip", x, 1, 0)
	}
	return s.Add(x, h)
}

func resample(s *torch.Scope, x *torch.Tensor, how int) *torch.Tensor {
	switch how {
	case -1:
		return s.AvgPool2D(x, 2)
	case 1:
		return s.UpsampleNearest(x, 2)
	}
	return x
}

// attend is x + proj(attention(norm(x))) between positions. A head's queries, keys and values lie together.
func (u *unet) attend(s *torch.Scope, w torch.Weights, p unetPart, x *torch.Tensor) *torch.Tensor {
	if s.Err() != nil {
		return x
	}
	shape := x.Shape()
	n, c, e := shape[0], shape[1], int64(u.headChannels)
	heads, t := c/e, shape[2]*shape[3]
	qkv := s.Reshape(w.Conv(s, p.name+".qkv", w.GroupNorm(s, p.name+".norm", x, u.group), 1, 0), n*heads, 3*e, t)
	q, k, v := s.Narrow(qkv, 1, 0, e), s.Narrow(qkv, 1, e, e), s.Narrow(qkv, 1, 2*e, e)
	scores := s.Matmul(s.Transpose(s.Scale(q, 1/math.Sqrt(float64(e))), 1, 2), k) // [N·h, T, T]
	a := s.Matmul(v, s.Transpose(s.Softmax(scores, -1), 1, 2))                    // [N·h, e, T]
	return s.Add(x, w.Conv(s, p.name+".proj", s.Reshape(a, n, c, shape[2], shape[3]), 1, 0))
}

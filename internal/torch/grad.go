package torch

import "math"

// ClipNorm scales grad so that its L2 norm is at most limit and returns the
// norm before, as torch.nn.utils.clip_grad_norm_.
func (s *Scope) ClipNorm(grad *Tensor, limit float64) (*Tensor, float64) {
	var norm float64
	out := grad
	s.NoGrad(func() {
		norm = math.Sqrt(s.Item(s.Dot(grad, grad)))
		if c := limit / (norm + 1e-6); c < 1 {
			out = s.Scale(grad, c)
		}
	})
	return out, norm
}

// Descend is a plain gradient step: w ← w − lr·grad (lr < 0 ascends).
func (p *Params) Descend(s *Scope, grad *Tensor, lr float64) {
	s.NoGrad(func() { s.CopyInto(p.flat, s.Sub(p.flat, s.Scale(grad, lr))) })
}

package torch

import (
	"fmt"
	"math"

	lib "github.com/sugarme/gotch/libtch"
)

// chunk is how many weights are stepped at a time: parameters, gradient and
// both moments of one chunk stay in a core's cache over Adam's passes.
const chunk = 1 << 15

// Adam steps a network's weights (Kingma & Ba 2015, as torch.optim.Adam without
// weight decay). Its state can be read and set, so that training resumes to the
// same bits.
type Adam struct {
	p            *Params
	from, to     int // the stretch of the flat vector that is trained
	beta1, beta2 float64
	eps          float64
	step         int
	m, v         *Tensor
}

// NewAdam trains the weights in [from, to) of the flat vector with the usual
// β = (0.9, 0.999), ε = 1e-8.
func NewAdam(p *Params, from, to int) (*Adam, error) {
	if from < 0 || to > p.layout.Size() || from >= to {
		return nil, fmt.Errorf("adam: no weights in [%d, %d) of %d", from, to, p.layout.Size())
	}
	a := &Adam{p: p, from: from, to: to, beta1: 0.9, beta2: 0.999, eps: 1e-8}
	err := With(p.dev, func(s *Scope) error {
		a.m, a.v = s.Zeros(int64(to-from)), s.Zeros(int64(to-from))
		if s.Err() == nil {
			s.Keep(a.m)
			s.Keep(a.v)
		}
		return nil
	})
	return a, err
}

// Free releases the moments.
func (a *Adam) Free() {
	if a != nil {
		a.m.Free()
		a.v.Free()
	}
}

// Step moves the weights against grad, the gradient of the whole flat vector:
// m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − lr·m̂/(√v̂ + ε).
//
// What is kept is m/(1−β₁) and v/(1−β₂), so that every pass is one of libtorch's
// vectorised operations; the constants go into the last two.
func (a *Adam) Step(s *Scope, grad *Tensor, lr float64) {
	if lr == 0 || !s.ready("adam", []*Tensor{grad}) {
		return
	}
	a.step++
	c1 := (1 - math.Pow(a.beta1, float64(a.step))) / (1 - a.beta1)
	c2 := (1 - math.Pow(a.beta2, float64(a.step))) / (1 - a.beta2)
	// w += m / (α√v + γ) is the same update.
	alpha, gamma := -c1/(lr*math.Sqrt(c2)), -a.eps*c1/lr
	k1, k2 := lib.AtsFloat(a.beta1), lib.AtsFloat(a.beta2)
	ka, kg := lib.AtsFloat(alpha), lib.AtsFloat(gamma)
	defer func() {
		for _, c := range []lib.Cscalar{k1, k2, ka, kg} {
			lib.AtsFree(c)
		}
	}()
	s.NoGrad(func() {
		for lo := a.from; lo < a.to; lo += chunk {
			n := int64(min(chunk, a.to-lo))
			in := NewScope(s.dev)
			w := in.Narrow(a.p.flat, 0, int64(lo), n)
			g := in.Narrow(grad, 0, int64(lo), n)
			m := in.Narrow(a.m, 0, int64(lo-a.from), n)
			v := in.Narrow(a.v, 0, int64(lo-a.from), n)
			in.inPlace("adam β₁m", func(o *lib.Ctensor) { lib.AtgMulScalar_(o, m.c, k1) }, m)
			in.inPlace("adam m + g", func(o *lib.Ctensor) { lib.AtgAdd_(o, m.c, g.c) }, m, g)
			in.inPlace("adam β₂v", func(o *lib.Ctensor) { lib.AtgMulScalar_(o, v.c, k2) }, v)
			in.inPlace("adam v + g²", func(o *lib.Ctensor) { lib.AtgAddcmul_(o, v.c, g.c, g.c) }, v, g)
			d := in.Sqrt(v)
			in.inPlace("adam α√v", func(o *lib.Ctensor) { lib.AtgMulScalar_(o, d.c, ka) }, d)
			in.inPlace("adam α√v + γ", func(o *lib.Ctensor) { lib.AtgAddScalar_(o, d.c, kg) }, d)
			in.inPlace("adam w", func(o *lib.Ctensor) { lib.AtgAddcdiv_(o, w.c, m.c, d.c) }, w, m, d)
			if in.err != nil {
				s.Fail(in.err)
			}
			in.Close()
		}
	})
}

// Decay takes a share off the weights that are trained: w ← (1 − share)·w. Before [Adam.Step] of the same learning rate lr,
// with share = lr·λ, it makes the step AdamW's (Loshchilov & Hutter 2019, as torch.optim.AdamW).
func (a *Adam) Decay(s *Scope, share float64) {
	s.NoGrad(func() {
		w := s.Narrow(a.p.flat, 0, int64(a.from), int64(a.to-a.from))
		s.CopyInto(w, s.Scale(w, 1-share))
	})
}

// AdamState is an optimiser's state on the host.
type AdamState struct {
	Step int
	M, V []float32
}

// State copies the state to the host.
func (a *Adam) State() (AdamState, error) {
	st := AdamState{Step: a.step}
	err := With(a.p.dev, func(s *Scope) error {
		st.M, st.V = s.Floats(a.m), s.Floats(a.v)
		return nil
	})
	return st, err
}

// SetState restores what State returned.
func (a *Adam) SetState(st AdamState) error {
	if len(st.M) != a.to-a.from || len(st.V) != a.to-a.from {
		return fmt.Errorf("adam: state of %d weights for %d", len(st.M), a.to-a.from)
	}
	a.step = st.Step
	return With(a.p.dev, func(s *Scope) error {
		s.CopyInto(a.m, s.FromFloats(st.M, int64(len(st.M))))
		s.CopyInto(a.v, s.FromFloats(st.V, int64(len(st.V))))
		return nil
	})
}

package torch

import (
	"fmt"

	lib "github.com/sugarme/gotch/libtch"
)

// Weights are the module's trainable parameters (those that require gradients) in its own order, with the file's
// values in C order. Their initialisation is [Keep]. What does not require gradients is part of the module, as its
// buffers are.
func (m *Script) Weights() (Layout, []float32, error) {
	var l Layout
	var values []float32
	err := m.trainable(func(s *Scope, named []namedTensor) {
		for _, p := range named {
			l.Add(p.name, Keep, p.t.Shape()...)
			values = append(values, s.host(p.t)...)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	return l, values, l.check()
}

// Params moves the module's trainable parameters into one flat vector that starts at the given values: each parameter
// stays the module's own leaf, but its storage is a stretch of the vector, so that the module computes with whatever is
// written there. Gradients are [Params.Gradient]. The module belongs to the result and is freed with it.
// It is run eagerly from here on.
func (m *Script) Params(dev Device, layout Layout, values []float32) (*Params, error) {
	p, err := ParamsOf(dev, layout, values)
	if err != nil {
		return nil, err
	}
	m.Eager()
	p.module = m
	err = m.trainable(func(s *Scope, named []namedTensor) {
		if len(named) != len(layout) {
			s.Fail(fmt.Errorf("%s: %d trainable parameters for %d weights", m.path, len(named), len(layout)))
			return
		}
		s.NoGrad(func() {
			whole := s.Detach(p.flat)
			for i, q := range named {
				part := s.Reshape(s.Narrow(whole, 0, int64(layout[i].Offset), int64(layout[i].Size())), layout[i].Shape...)
				s.inPlace("share "+q.name, func(o *lib.Ctensor) { lib.AtgSetSourceTensor_(o, q.t.c, part.c) }, q.t, part)
			}
		})
		for i, q := range named {
			if s.Err() != nil {
				return
			}
			if want := 4 * layout[i].Offset; uintptr(lib.AtDataPtr(q.t.c)) != uintptr(lib.AtDataPtr(p.flat.c))+uintptr(want) {
				s.Fail(fmt.Errorf("%s: parameter %s is another one under a second name (tied weights): give it one name, or use it "+
					"through one submodule", m.path, q.name))
				return
			}
		}
		for _, q := range named {
			p.leaves = append(p.leaves, s.Keep(q.t))
		}
	})
	if err != nil {
		p.module = nil // the caller still owns it
		p.Free()
		return nil, err
	}
	return p, nil
}

// Gradient is d loss / d weights as one flat vector, zero where the loss does not depend on a weight. A loss that
// depends on none is an error. The graph is freed.
func (p *Params) Gradient(s *Scope, loss *Tensor) *Tensor {
	if p.module == nil {
		return s.Gradient(loss, p.flat)
	}
	grads := s.gradients(loss, append([]*Tensor{p.flat}, p.leaves...))
	if grads == nil {
		return &Tensor{}
	}
	parts := make([]*Tensor, len(p.layout))
	for i, q := range p.layout {
		if parts[i] = grads[i+1]; parts[i] == nil {
			parts[i] = s.Zeros(int64(q.Size()))
		} else {
			parts[i] = s.Reshape(parts[i], -1)
		}
	}
	g := s.Cat(0, parts...)
	if grads[0] != nil { // a penalty on the vector itself
		g = s.Add(g, grads[0])
	}
	return g
}

// gradients are d loss / d x for several leaves, nil for those that the loss does not depend on; nil altogether where
// it depends on none, or the scope has an error.
func (s *Scope) gradients(loss *Tensor, xs []*Tensor) []*Tensor {
	if !s.differentiable(loss, xs...) {
		return nil
	}
	in, grads := make([]lib.Ctensor, len(xs)), make([]lib.Ctensor, len(xs))
	for i, x := range xs {
		in[i] = x.c
	}
	l := loss.c
	lib.AtRunBackward(&l, 1, &in[0], len(in), &grads[0], 0, 0)
	if err := lastError(); err != nil {
		s.Fail(fmt.Errorf("backward: %w", err))
		return nil
	}
	out, some := make([]*Tensor, len(xs)), false
	for i, c := range grads {
		if t := s.own(c); lib.AtDefined(c) {
			out[i], some = t, true
		}
	}
	if !some {
		s.Fail(errNoGraph)
		return nil
	}
	return out
}

type namedTensor struct {
	name string
	t    *Tensor
}

// trainable hands f the float32 parameters that require gradients.
func (m *Script) trainable(f func(s *Scope, named []namedTensor)) error {
	return With(m.dev, func(s *Scope) error {
		all, err := m.named(s)
		if err != nil {
			return err
		}
		var some []namedTensor
		for _, p := range all {
			if !lib.AtRequiresGrad(p.t.c) {
				continue
			}
			if lib.AtScalarType(p.t.c) != kindFloat {
				return fmt.Errorf("%s: parameter %s is not float32: convert the module with .float() before it is saved", m.path, p.name)
			}
			some = append(some, p)
		}
		f(s, some)
		return nil
	})
}

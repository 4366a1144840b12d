package torch

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
)

// A Param is one named weight of a network: a stretch of the flat vector.
type Param struct {
	Name   string
	Shape  []int64
	Offset int
	Init   Init
}

// Size is the number of elements.
func (p Param) Size() int { return numel(p.Shape) }

// A Layout lists a network's weights in order.
type Layout []Param

// Add appends a weight.
func (l *Layout) Add(name string, init Init, shape ...int64) {
	off := 0
	if n := len(*l); n > 0 {
		off = (*l)[n-1].Offset + (*l)[n-1].Size()
	}
	*l = append(*l, Param{Name: name, Shape: shape, Offset: off, Init: init})
}

// Size is the number of elements of all weights.
func (l Layout) Size() int {
	n := 0
	for _, p := range l {
		n += p.Size()
	}
	return n
}

// Draw initialises the values of all weights from the seed; those that are kept stay as they are.
func (l Layout) Draw(values []float32, seed uint64) {
	for _, p := range l {
		p.Init.fill(values[p.Offset:p.Offset+p.Size()], audit.Seed(seed, "weights", p.Name))
	}
}

// check wants names once each, and elements in every weight.
func (l Layout) check() error {
	seen := make(map[string]bool, len(l))
	for _, p := range l {
		switch {
		case p.Name == "":
			return errors.New("weights: a weight without a name")
		case seen[p.Name]:
			return fmt.Errorf("weights: two weights are called %s", p.Name)
		case slices.ContainsFunc(p.Shape, func(d int64) bool { return d < 1 }):
			return fmt.Errorf("weights: weight %s has shape %v", p.Name, p.Shape)
		}
		seen[p.Name] = true
	}
	return nil
}

// Equal reports whether names and shapes are the same, in the same order.
func (l Layout) Equal(o Layout) bool {
	return slices.EqualFunc(l, o, func(a, b Param) bool { return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) })
}

// Params holds all weights of a network in one float32 vector: one leaf for
// gradients, one array to step, clip, copy, hash and store.
type Params struct {
	layout Layout
	flat   *Tensor
	dev    Device

	module *Script   // a TorchScript module that computes with the weights, if any
	leaves []*Tensor // its parameters, in storage shared with flat
}

// NewParams draws initial weights from the seed, weight by weight in order.
func NewParams(dev Device, layout Layout, seed uint64) (*Params, error) {
	if err := layout.check(); err != nil {
		return nil, err
	}
	values := make([]float32, layout.Size())
	layout.Draw(values, seed)
	return ParamsOf(dev, layout, values)
}

// ParamsOf makes parameters from given values.
func ParamsOf(dev Device, layout Layout, values []float32) (*Params, error) {
	if err := layout.check(); err != nil {
		return nil, err
	}
	if len(values) != layout.Size() {
		return nil, fmt.Errorf("weights: %d values for a layout of %d", len(values), layout.Size())
	}
	p := &Params{layout: layout, dev: dev}
	err := With(dev, func(s *Scope) error {
		p.flat = s.FromFloats(values, int64(len(values)))
		s.RequireGrad(p.flat)
		if s.Err() == nil {
			s.Keep(p.flat)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Free releases the weights.
func (p *Params) Free() {
	if p != nil {
		p.flat.Free()
		for _, l := range p.leaves {
			l.Free()
		}
		p.module.Free()
	}
}

// Layout lists the weights.
func (p *Params) Layout() Layout { return p.layout }

// Device is where the weights live.
func (p *Params) Device() Device { return p.dev }

// Flat is the vector of all weights. It is the leaf of gradients, but for modules: see [Params.Gradient].
func (p *Params) Flat() *Tensor { return p.flat }

// Weights are a network's weights by name, as views into the flat vector.
type Weights map[string]*Tensor

// Bind makes the views. It is part of the gradient's graph: one split, whose
// backward is one concatenation.
func (p *Params) Bind(s *Scope) Weights {
	w := make(Weights, len(p.layout))
	if !s.ready("bind", []*Tensor{p.flat}) {
		return w
	}
	sizes := make([]int64, len(p.layout))
	for i, q := range p.layout {
		sizes[i] = int64(q.Size())
	}
	parts, err := split(p.flat.c, sizes)
	if err != nil {
		s.Fail(err)
		return w
	}
	for i, q := range p.layout {
		w[q.Name] = s.Reshape(s.own(parts[i]), q.Shape...)
	}
	return w
}

// Values copies all weights to the host.
func (p *Params) Values() ([]float32, error) {
	var out []float32
	err := With(p.dev, func(s *Scope) error {
		out = s.Floats(p.flat)
		return nil
	})
	return out, err
}

// Set overwrites all weights.
func (p *Params) Set(values []float32) error {
	if len(values) != p.layout.Size() {
		return fmt.Errorf("weights: %d values for a layout of %d", len(values), p.layout.Size())
	}
	return With(p.dev, func(s *Scope) error {
		s.CopyInto(p.flat, s.FromFloats(values, int64(len(values))))
		return nil
	})
}

// Copy overwrites the weights with those of a network of the same layout.
func (p *Params) Copy(from *Params) error {
	if !p.layout.Equal(from.layout) {
		return fmt.Errorf("weights: cannot copy the %d values of a network into the %d of another kind", from.layout.Size(), p.layout.Size())
	}
	return With(p.dev, func(s *Scope) error {
		s.CopyInto(p.flat, from.flat)
		return nil
	})
}

// Clone makes an independent copy of the weights, without the module that may compute with them.
func (p *Params) Clone() (*Params, error) {
	v, err := p.Values()
	if err != nil {
		return nil, err
	}
	return ParamsOf(p.dev, p.layout, v)
}

// Digest is the SHA-256 of names, shapes and values (little endian float32).
func (p *Params) Digest() (audit.Digest, error) {
	v, err := p.Values()
	if err != nil {
		return "", err
	}
	return DigestWeights(p.layout, v), nil
}

// DigestWeights is Params.Digest for values on the host.
func DigestWeights(layout Layout, v []float32) audit.Digest {
	h := sha256.New()
	var buf []byte
	for _, q := range layout {
		fmt.Fprintf(h, "%s%v\n", q.Name, q.Shape)
		buf = buf[:0]
		for _, x := range v[q.Offset : q.Offset+q.Size()] {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(x))
		}
		h.Write(buf)
	}
	return audit.Digest(fmt.Sprintf("%x", h.Sum(nil)))
}

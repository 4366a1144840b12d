package torch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	lib "github.com/sugarme/gotch/libtch"
)

// A Script is a TorchScript module in evaluation mode.
type Script struct {
	m     lib.Cmodule
	path  string
	dev   Device
	eager bool // operator by operator, without the graph executor's profiling
}

// LoadScript reads a TorchScript archive.
func LoadScript(path string, dev Device) (*Script, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no TorchScript file at %s", path)
	} else if err != nil {
		return nil, fmt.Errorf("read TorchScript file: %w", err)
	}
	var out *Script
	var err error
	onThread(func() {
		m := lib.AtmLoadOnDevice(path, int32(dev))
		if err = lastError(); err != nil {
			err = fmt.Errorf("%s is not a TorchScript module that this libtorch reads: %w", path, err)
			return
		}
		lib.AtmEval(m)
		if err = lastError(); err != nil {
			lib.AtmFree(m)
			err = fmt.Errorf("%s cannot be evaluated: %w", path, err)
			return
		}
		out = &Script{m: m, path: path, dev: dev}
	})
	return out, err
}

// Eager runs the module operator by operator from now on, as PyTorch does without
// TorchScript. The graph executor's profiling rounds gradients of the first call
// otherwise than those of later ones, so that a resumed training, which loads the
// module anew, would end with other bits.
func (m *Script) Eager() { m.eager = true }

// Free releases the module.
func (m *Script) Free() {
	if m != nil && m.m != nil {
		lib.AtmFree(m.m)
		m.m = nil
	}
}

// Kinds of TorchScript values, by gotch's numbering.
const (
	tagTensor = 1
	tagTuple  = 5
)

// Forward calls the module and returns its outputs: one tensor, or the tensors
// of a tuple; nothing where the scope has an error.
func (m *Script) Forward(s *Scope, inputs ...*Tensor) []*Tensor {
	if !s.ready("TorchScript forward", inputs) {
		return nil
	}
	if len(inputs) == 0 {
		s.Fail(fmt.Errorf("%s: no inputs", m.path))
		return nil
	}
	in := make([]lib.Civalue, len(inputs))
	for i, t := range inputs {
		in[i] = lib.AtiTensor(t.c)
		defer lib.AtiFree(in[i])
	}
	return m.call(s, in, inputs)
}

// call runs forward on values; inputs are those among them that errors show.
func (m *Script) call(s *Scope, in []lib.Civalue, inputs []*Tensor) []*Tensor {
	if m.m == nil {
		s.Fail(fmt.Errorf("%s: the module was freed", m.path))
		return nil
	}
	if s.products != exact {
		s.Fail(fmt.Errorf("%s: the module computes its own products, which cannot be rounded to bfloat16", m.path))
		return nil
	}
	if m.eager {
		before, ok := optimiseGraphs(false)
		if !ok {
			s.Fail(fmt.Errorf("%s: this libtorch does not let TorchScript's optimiser be switched off, and results would depend "+
				"on how often the module was called: use libtorch 1.13 or 2.1", m.path))
			return nil
		}
		defer optimiseGraphs(before)
	}
	out := lib.AtmForward_(m.m, &in[0], len(in))
	if err := lastError(); err != nil {
		s.Fail(fmt.Errorf("%s%s: %w", m.path, s.shapes(inputs), err))
		return nil
	}
	defer lib.AtiFree(out)
	switch lib.AtiTag(out) {
	case tagTensor:
		if t := m.tensor(s, out); s.err == nil {
			return []*Tensor{t}
		}
		return nil
	case tagTuple:
		n := int(lib.AtiTupleLength(out))
		if n == 0 {
			break
		}
		parts := make([]lib.Civalue, n)
		lib.AtiToTuple(out, &parts[0], n)
		if err := lastError(); err != nil {
			s.Fail(fmt.Errorf("%s: %w", m.path, err))
			return nil
		}
		ts := make([]*Tensor, n)
		for i, p := range parts {
			if lib.AtiTag(p) == tagTensor {
				ts[i] = m.tensor(s, p)
			} else {
				s.Fail(fmt.Errorf("%s: output %d is not a tensor", m.path, i))
			}
			lib.AtiFree(p)
		}
		if s.err != nil {
			return nil
		}
		return ts
	}
	s.Fail(fmt.Errorf("%s: the output is neither a tensor nor a tuple of tensors", m.path))
	return nil
}

func (m *Script) tensor(s *Scope, v lib.Civalue) *Tensor {
	t := lib.AtiToTensor(v)
	if err := lastError(); err != nil {
		s.Fail(err)
		return &Tensor{}
	}
	return s.own(t)
}

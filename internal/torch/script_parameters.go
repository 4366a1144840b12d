package torch

import (
	"fmt"

	lib "github.com/sugarme/gotch/libtch"
)

// ScriptParameter is a parameter's values on the host, in C order.
type ScriptParameter struct {
	Shape  []int64
	Values []float32
}

// Parameters copies a TorchScript module's named parameters, of any floating-point type, as float32.
func (m *Script) Parameters() (map[string]ScriptParameter, error) {
	out := map[string]ScriptParameter{}
	err := With(CPU, func(s *Scope) error {
		all, err := m.named(s)
		if err != nil {
			return err
		}
		for _, p := range all {
			out[p.name] = ScriptParameter{Shape: p.t.Shape(), Values: s.host(p.t)}
		}
		return s.Err()
	})
	return out, err
}

// named are the module's parameters in its order.
func (m *Script) named(s *Scope) ([]namedTensor, error) {
	if m.m == nil {
		return nil, fmt.Errorf("%s: the module was freed", m.path)
	}
	var data lib.LoadData
	key := lib.PStore.Set(&data)
	lib.AtmNamedParameters(m.m, key)
	lib.PStore.Free(key)
	err := lastError()
	var out []namedTensor
	for _, p := range data.NamedCtensors {
		out = append(out, namedTensor{p.Name, s.own(p.Ctensor)})
	}
	if err != nil {
		return nil, fmt.Errorf("%s: parameters: %w", m.path, err)
	}
	return out, nil
}

// host copies a tensor of any floating-point type as float32.
func (s *Scope) host(t *Tensor) (values []float32) {
	s.NoGrad(func() {
		f := s.op("to float", func(o *lib.Ctensor) { lib.AtgTotype(o, t.c, kindFloat) }, t)
		f = s.op("to host", func(o *lib.Ctensor) { lib.AtgTo(o, f.c, int32(CPU)) }, f)
		values = s.Floats(s.op("contiguous", func(o *lib.Ctensor) { lib.AtgContiguous(o, f.c) }, f))
	})
	return values
}

// ForwardFlags calls the module with a tensor and booleans after it, by position.
func (m *Script) ForwardFlags(s *Scope, x *Tensor, flags ...bool) []*Tensor {
	if !s.ready("TorchScript forward", []*Tensor{x}) {
		return nil
	}
	in := []lib.Civalue{lib.AtiTensor(x.c)}
	for _, f := range flags {
		in = append(in, lib.AtiBool(f))
	}
	defer func() {
		for _, v := range in {
			lib.AtiFree(v)
		}
	}()
	return m.call(s, in, []*Tensor{x})
}

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
		if m.m == nil {
			return fmt.Errorf("%s: the module was freed", m.path)
		}
		var data lib.LoadData
		key := lib.PStore.Set(&data)
		lib.AtmNamedParameters(m.m, key)
		lib.PStore.Free(key)
		err := lastError()
		named := make(map[string]*Tensor, len(data.NamedCtensors))
		for _, p := range data.NamedCtensors {
			named[p.Name] = s.own(p.Ctensor)
		}
		if err != nil {
			return fmt.Errorf("%s: parameters: %w", m.path, err)
		}
		for name, t := range named {
			s.NoGrad(func() {
				f := s.op("to float", func(o *lib.Ctensor) { lib.AtgTotype(o, t.c, kindFloat) }, t)
				f = s.op("to host", func(o *lib.Ctensor) { lib.AtgTo(o, f.c, int32(CPU)) }, f)
				out[name] = ScriptParameter{Shape: f.Shape(), Values: s.Floats(s.op("contiguous", func(o *lib.Ctensor) { lib.AtgContiguous(o, f.c) }, f))}
			})
		}
		return s.Err()
	})
	return out, err
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

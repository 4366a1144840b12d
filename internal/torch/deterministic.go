package torch

import "github.com/lethe-audit/lethe/audit"

// Deterministic trains a small network three times from the same seed and tells
// whether the weights are the same to the bit.
func Deterministic() (bool, error) {
	var first audit.Digest
	for range 3 {
		d, err := trainSmall()
		if err != nil {
			return false, err
		}
		if first == "" {
			first = d
		}
		if d != first {
			return false, nil
		}
	}
	return true, nil
}

func trainSmall() (audit.Digest, error) {
	var l Layout
	l.AddConv("conv", 3, 32, 3)
	l.AddLinear("out", 32*16*16, 64)
	p, err := NewParams(CPU, l, 7)
	if err != nil {
		return "", err
	}
	defer p.Free()
	opt, err := NewAdam(p, 0, l.Size())
	if err != nil {
		return "", err
	}
	defer opt.Free()
	x := make([]float32, 16*3*32*32)
	for i := range x {
		x[i] = float32(i%97)/48 - 1
	}
	for range 5 {
		err := With(CPU, func(s *Scope) error {
			w := p.Bind(s)
			h := s.SiLU(w.Conv(s, "conv", s.FromFloats(x, 16, 3, 32, 32), 2, 1))
			loss := s.Mean(s.Square(s.Shift(w.Linear(s, "out", s.Flatten(h)), -1)))
			opt.Step(s, s.Gradient(loss, p.Flat()), 1e-2)
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return p.Digest()
}

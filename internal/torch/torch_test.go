package torch

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTrainsALinearMap(t *testing.T) {
	var l Layout
	l.AddLinear("a", 3, 8)
	l.AddLinear("b", 8, 1)
	p, err := NewParams(CPU, l, 1)
	require.NoError(t, err)
	defer p.Free()
	opt, err := NewAdam(p, 0, l.Size())
	require.NoError(t, err)
	defer opt.Free()
	var first, last float64
	for i := range 200 {
		require.NoError(t, With(CPU, func(s *Scope) error {
			x := s.FromFloats([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
			y := s.FromFloats([]float32{1, -1}, 2, 1)
			w := p.Bind(s)
			h := w.Linear(s, "b", s.SiLU(w.Linear(s, "a", x)))
			loss := s.Mean(s.Square(s.Sub(h, y)))
			opt.Step(s, s.Gradient(loss, p.Flat()), 1e-2)
			last = s.Item(loss)
			if i == 0 {
				first = last
			}
			return nil
		}))
	}
	require.Less(t, last, first*0.01)
}

package families

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestLayers: every family can be looked into; the last layer is what the encoder gives, and every layer differs from
// image to image.
func TestLayers(t *testing.T) {
	const n, side = 3, 32
	x := make([]float32, n*3*side*side)
	for i := range x {
		x[i] = float32(i%977)/488 - 1
	}
	v, err := tasks.Apply(&tasks.Inpaint{Hole: 0.5}, x, side, make([]uint64, n))
	require.NoError(t, err)
	for _, e := range All {
		if e.Name == "torchscript" { // it has no layers that Lethe knows
			continue
		}
		m, err := e.New().New(torch.CPU, models.Shape{Size: side, Masked: true}, 1)
		require.NoError(t, err)
		l, ok := m.(models.Layered)
		require.True(t, ok, e.Name)
		err = torch.With(torch.CPU, func(s *torch.Scope) error {
			s.NoGrad(func() {
				out := l.Activations(s, models.NewInput(s, v, true, 0))
				require.Len(t, out, len(l.Layers()), e.Name)
				for i, h := range out {
					shape := h.Shape()
					require.Len(t, shape, 2, l.Layers()[i])
					require.Equal(t, int64(n), shape[0])
					values := s.Floats(h)
					units := int(shape[1])
					assert.NotEqual(t, values[:units], values[units:2*units], "%s of %s", l.Layers()[i], e.Name)
				}
			})
			return nil
		})
		require.NoError(t, err)
		m.Params().Free()
	}
}

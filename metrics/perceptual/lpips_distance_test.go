package perceptual

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/torch"
)

// The distance that networks are trained with is LPIPS, its slope is that of the metric, and the images alone get one.
func TestPerceptualDistanceIsLPIPS(t *testing.T) {
	const backbone, linear = "../../internal/features/testdata/squeezenet-1.1.pth", "../../internal/features/testdata/lin.pth"
	meter, err := OpenLPIPS(backbone, linear, torch.CPU)
	require.NoError(t, err)
	defer meter.Free()
	net, err := features.OpenPerceptual(backbone, "", torch.CPU)
	require.NoError(t, err)
	defer net.Free()
	lin, _, err := features.ReadLinear(linear, "")
	require.NoError(t, err)
	require.NoError(t, net.Fits(lin))

	const n, side = 3, 24
	r := rand.New(rand.NewPCG(5, 0))
	a, b := make([]float32, n*3*side*side), make([]float32, n*3*side*side)
	for i := range a {
		a[i] = float32(math.Sin(0.05 * float64(i)))
		b[i] = a[i] + float32(0.3*r.NormFloat64())
	}
	at := func(a []float32) []float64 {
		d, err := meter.Distance(context.Background(), a, b, n, side)
		require.NoError(t, err)
		return d
	}
	want := at(a)
	var grad []float32
	require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
		x, y := s.FromFloats(a, n, 3, side, side), s.FromFloats(b, n, 3, side, side)
		s.RequireGrad(x)
		d := net.Distance(s, lin, x, y)
		for i, v := range s.Floats(s.Detach(d)) {
			assert.InEpsilon(t, want[i], v, 1e-4)
		}
		grad = s.Floats(s.Gradient(s.Sum(d), x))
		same := net.Distance(s, lin, y, y)
		assert.Equal(t, []float32{0, 0, 0}, s.Floats(same))
		return nil
	}))
	// Along the gradient the metric rises by its length times the step.
	var norm float64
	for _, g := range grad {
		norm += float64(g) * float64(g)
	}
	norm = math.Sqrt(norm)
	require.Positive(t, norm)
	const h = 1e-4 // small: pixels with hardly any activation turn fast
	up, down := append([]float32(nil), a...), append([]float32(nil), a...)
	for i, g := range grad {
		up[i] += float32(h * float64(g) / norm)
		down[i] -= float32(h * float64(g) / norm)
	}
	var rise float64
	for i, v := range at(up) {
		rise += v - at(down)[i]
	}
	assert.InEpsilon(t, norm, rise/(2*h), 0.02)
}

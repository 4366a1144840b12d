package families

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// trained takes steps of Adam in a precision and returns the first loss, the last one's value in float32, the first
// gradient, and the weights' digest.
func trained(t *testing.T, f models.Family, p audit.Precision, steps int) (first, last float64, grad []float32, d audit.Digest) {
	t.Helper()
	const s, n = 32, 8
	m, err := f.New(torch.CPU, models.Shape{Size: s, Masked: true}, 3)
	require.NoError(t, err)
	defer m.Params().Free()
	opt, err := torch.NewAdam(m.Params(), 0, m.Params().Layout().Size())
	require.NoError(t, err)
	defer opt.Free()
	target := familytest.Pictures(n, s, 9)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	loss := func(sc *torch.Scope) *torch.Tensor {
		return sc.Mean(m.Loss(sc, models.NewInput(sc, v, true, 5), sc.FromFloats(target, n, 3, s, s), sc.FromFloats(v.Region, n, 1, s, s)))
	}
	for k := range steps {
		require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
			var l *torch.Tensor
			sc.Products(p, func() { l = loss(sc) })
			g := m.Params().Gradient(sc, l)
			if k == 0 {
				first, grad = sc.Item(sc.Detach(l)), sc.Floats(g)
			}
			opt.Step(sc, g, 3e-3)
			return nil
		}))
	}
	familytest.On(t, func(sc *torch.Scope) { last = sc.Item(loss(sc)) })
	d, err = m.Params().Digest()
	require.NoError(t, err)
	return first, last, grad, d
}

// TestBFloat16: losses and gradients of every family are near float32's and not the same; training gets as far, to
// other weights, and to the same ones twice.
func TestBFloat16(t *testing.T) {
	all := everyFamily()
	palette, err := All.New("palette")
	require.NoError(t, err)
	all["palette"] = palette
	for name, f := range all {
		t.Run(name, func(t *testing.T) {
			steps := 40
			if name == "palette" {
				steps = 4
			}
			first, last, grad, d := trained(t, f, audit.Float32, steps)
			low, end, g, e := trained(t, f, audit.BFloat16, steps)
			_, _, _, again := trained(t, f, audit.BFloat16, steps)
			assert.NotEqual(t, grad, g)
			assert.InEpsilon(t, first, low, 0.01)
			var dot, a, b float64
			for i := range grad {
				dot += float64(grad[i]) * float64(g[i])
				a += float64(grad[i]) * float64(grad[i])
				b += float64(g[i]) * float64(g[i])
			}
			assert.Greater(t, dot/math.Sqrt(a*b), 0.99, "cosine of the gradients")
			assert.Less(t, last, 0.9*first, "it learns")
			assert.InEpsilon(t, last, end, 0.05)
			assert.NotEqual(t, d, e)
			assert.Equal(t, e, again)
		})
	}
}

func TestTrains(t *testing.T) {
	for _, e := range All {
		f := e.New()
		require.NoError(t, models.Trains(f, audit.Float32), e.Name)
		if err := models.Trains(f, audit.BFloat16); e.Name == "torchscript" {
			assert.ErrorContains(t, err, "precision bfloat16 is not for model torchscript")
		} else {
			assert.NoError(t, err, e.Name)
		}
	}
}

package methods

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/stats"
)

// TestCertifiedForgetsItsStart: two starts, one of them the original, end the same noise apart from where they were
// scaled to, and a claim of σ = 0 would be refuted by it.
func TestCertifiedForgetsItsStart(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	p.Train.Epochs = 100
	m := newCertified()
	m.Effort, m.Finish, m.FinishLR, m.Epsilon = 0.03, 0.01, 1e-9, 1 // the training after the noise hardly moves
	w, err := trained()
	require.NoError(t, err)
	other := append([]float32(nil), w...)
	for i := range other {
		other[i] = -other[i]
	}
	apart := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += math.Pow(float64(a[i])-float64(b[i]), 2)
		}
		return math.Sqrt(sum)
	}
	end := func(start []float32) []float32 {
		s := session(t, model(t, c, start, 0))
		_, err := m.Unlearn(ctx, p, s)
		require.NoError(t, err)
		v, err := s.Model.Params().Values()
		require.NoError(t, err)
		return v
	}
	a, b := end(w), end(other)
	steps := 3 * 3 // 36 retained images in batches of 16, three epochs
	walk := stats.NoisyDescent{Steps: steps, Rate: m.NoisyLR, Radius: m.Radius, Clip: m.Clip}
	sigma, err := walk.Sigma(1, 1e-5)
	require.NoError(t, err)
	bound := 2*m.Radius + 2*float64(steps)*m.NoisyLR*m.Clip
	assert.LessOrEqual(t, apart(a, b), bound*1.001, "with the same noise, the starts are as far apart as the accountant says at most")
	assert.Greater(t, apart(a, b), m.Radius, "and they are apart")
	zero := make([]float32, len(a))
	assert.InEpsilon(t, sigma*math.Sqrt(float64(steps*len(a))), apart(a, zero), 0.05, "the rest is noise of the size that ε and δ ask for")
}

func TestCertifiedClaims(t *testing.T) {
	g := newCertified().Claimed(false)
	require.NotNil(t, g)
	assert.Equal(t, 10.0, g.Epsilon)
	r := unlearn(t, &Certified{Epsilon: 5, Delta: 1e-4, Radius: 0.1, Clip: 1, NoisyLR: 1e-3, Effort: 0.01, FinishLR: 1e-3,
		Finish: 0.01}, problem(t, pool(t), 1))
	assert.Contains(t, r.notes[0], "(ε, δ) = (5, 0.0001): 9 noisy steps")
	assert.Contains(t, r.notes[1], "clipping kept 0.0")
}

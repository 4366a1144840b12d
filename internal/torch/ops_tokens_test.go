package torch_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

func TestTokenOps(t *testing.T) {
	on(t, func(s *torch.Scope) {
		table := s.FromFloats([]float32{1, 2, 3, 4, 5, 6}, 3, 2)
		e := s.Embedding(table, s.FromInts([]int64{2, 0, 2, 1}, 2, 2))
		assert.Equal(t, []int64{2, 2, 2}, e.Shape())
		assert.Equal(t, []float32{5, 6, 1, 2, 5, 6, 3, 4}, s.Floats(e))
		x := s.FromFloats([]float32{3, -1, 2, 0, 7, -5}, 2, 3)
		assert.Equal(t, []int64{1, 2}, s.Ints(s.Argmin(x, 1)))
		assert.Equal(t, []int64{0, 1}, s.Ints(s.Argmax(x, -1)))
		assert.Equal(t, []int64{0, 1, 0}, s.Ints(s.Argmin(s.Neg(x), 0)))
	})
}

// TestSmoothedCrossEntropy follows the formula, with its gradient p − ((1−ε)·onehot + ε/K).
func TestSmoothedCrossEntropy(t *testing.T) {
	logits, classes := []float32{0.5, -1, 2, 1, 1, -3}, []int64{2, 0}
	for _, epsilon := range []float64{0, 0.1} {
		on(t, func(s *torch.Scope) {
			x := s.FromFloats(logits, 2, 3)
			s.RequireGrad(x)
			ce := s.SmoothedCrossEntropy(x, s.FromInts(classes, 2), epsilon)
			got, logp := s.Floats(ce), s.Floats(s.LogSoftmax(x, 1))
			grad := s.Floats(s.Gradient(s.Sum(ce), x))
			require.Len(t, got, 2)
			for i, class := range classes {
				row := logits[3*i : 3*i+3]
				var z float64
				for _, v := range row {
					z += math.Exp(float64(v))
				}
				var want float64
				for k, v := range row {
					lp, label := float64(v)-math.Log(z), epsilon/3
					if int64(k) == class {
						label += 1 - epsilon
					}
					want -= label * lp
					assert.InDelta(t, lp, logp[3*i+k], 1e-6)
					assert.InDelta(t, math.Exp(lp)-label, grad[3*i+k], 1e-6)
				}
				assert.InDelta(t, want, got[i], 1e-6)
			}
		})
	}
}

// TestEmbeddingGradient: a row's gradient counts how often it was looked up.
func TestEmbeddingGradient(t *testing.T) {
	on(t, func(s *torch.Scope) {
		table := s.FromFloats(wave(8), 4, 2)
		assert.False(t, table.Tracked())
		s.RequireGrad(table)
		e := s.Embedding(table, s.FromInts([]int64{3, 1, 3}, 3))
		assert.True(t, e.Tracked())
		assert.False(t, s.Detach(e).Tracked())
		assert.Equal(t, []float32{0, 0, 1, 1, 0, 0, 2, 2}, s.Floats(s.Gradient(s.Sum(e), table)))
	})
	assert.False(t, (*torch.Tensor)(nil).Tracked())
}

func TestTokenOpsRefuse(t *testing.T) {
	assert.ErrorContains(t, fails(t, func(s *torch.Scope) { s.Ints(s.Zeros(2)) }), "want int64")
	assert.ErrorContains(t, fails(t, func(s *torch.Scope) { s.Embedding(s.Zeros(2, 2), s.FromInts([]int64{2}, 1)) }),
		"embedding of [2 2], [1]")
}

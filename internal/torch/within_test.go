package torch_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

// TestWithin: the result outlives the inner scope, nothing else does, and gradients pass through.
func TestWithin(t *testing.T) {
	before := torch.Live()
	on(t, func(s *torch.Scope) {
		x := s.FromFloats([]float32{1, 2, 3}, 3)
		s.RequireGrad(x)
		here := torch.Live()
		y := s.Within(func(s *torch.Scope) *torch.Tensor {
			return s.Sum(s.Mul(s.Square(x), s.Within(func(s *torch.Scope) *torch.Tensor { return s.Scale(s.Shift(x, 0), 2) })))
		})
		assert.Equal(t, here+1, torch.Live(), "one tensor more")
		assert.Equal(t, []float32{6, 24, 54}, s.Floats(s.Gradient(y, x)), "d 2x³")
		assert.InDelta(t, 72, s.Item(s.Detach(y)), 1e-5)
		same := s.Within(func(*torch.Scope) *torch.Tensor { return x })
		assert.Equal(t, []float32{1, 2, 3}, s.Floats(s.Detach(same)), "what is the outer scope's stays")
	})
	assert.Equal(t, before, torch.Live())
}

func TestWithinHandsErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	err := torch.With(torch.CPU, func(s *torch.Scope) error {
		s.Within(func(s *torch.Scope) *torch.Tensor { s.Fail(broken); return s.Zeros(1) })
		s.Within(func(*torch.Scope) *torch.Tensor { assert.Fail(t, "after an error nothing runs"); return nil })
		return nil
	})
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, torch.With(torch.CPU, func(s *torch.Scope) error {
		s.Neg(s.Within(func(*torch.Scope) *torch.Tensor { return nil }))
		return nil
	}), "does not exist")
}

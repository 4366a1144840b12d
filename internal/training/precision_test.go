package training_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// low begins or resumes the course in bfloat16.
func low(t *testing.T, file string, tick func() error) *course {
	t.Helper()
	c := start(t, file, time.Hour, tick)
	c.s.Precision = audit.BFloat16
	return c
}

// In bfloat16 the course ends near float32's with other bits, and with the same ones wherever it was interrupted.
func TestBFloat16ResumesToTheSameBits(t *testing.T) {
	exact := reference(t)
	want, err := low(t, "", quiet).run(context.Background())
	require.NoError(t, err)
	assert.NotEqual(t, exact.Digest, want.Digest)
	require.Len(t, want.Curves, len(exact.Curves))
	for i, c := range exact.Curves {
		assert.InEpsilonSlice(t, c.Y, want.Curves[i].Y, 0.02, c.Name)
		assert.NotEqual(t, c.Y, want.Curves[i].Y, c.Name)
	}
	for at := 1; at <= courseSteps+1; at += 4 {
		file := filepath.Join(t.TempDir(), "checkpoint.safetensors")
		ctx, cancel := context.WithCancelCause(context.Background())
		n := 0
		_, err := low(t, file, func() error {
			if n++; n == at {
				cancel(errors.New("enough"))
			}
			return nil
		}).run(ctx)
		require.ErrorIs(t, err, training.ErrInterrupted, at)
		got, err := low(t, file, quiet).run(context.Background())
		require.NoError(t, err, at)
		require.Equal(t, want, got, "interrupted in step %d", at)
	}
}

// Losses are computed in the session's precision; what replaces the optimiser and what decides is not.
func TestWhatIsInBFloat16(t *testing.T) {
	const third = float32(1) / 3
	product := func(s *torch.Scope) float32 {
		return float32(s.Item(s.Matmul(s.FromFloats([]float32{third}, 1, 1), s.FromFloats([]float32{1}, 1, 1))))
	}
	m := small(t)
	s, err := training.Open(m, "", "", 0)
	require.NoError(t, err)
	defer s.Close()
	s.Precision = audit.BFloat16
	seen := map[string]float32{}
	ph := bad(1, 0, func(s *torch.Scope, m models.Model) *torch.Tensor {
		seen["loss"] = product(s)
		return s.Sum(s.Square(m.Params().Flat()))
	}, m)
	ph.Step = func(s *torch.Scope, _ *torch.Tensor, _ float64) error { seen["step"] = product(s); return nil }
	ph.Stop = func() (bool, error) {
		return true, torch.With(torch.CPU, func(s *torch.Scope) error { seen["stop"] = product(s); return nil })
	}
	_, err = s.Run(context.Background(), ph)
	require.NoError(t, err)
	assert.Equal(t, third, seen["step"])
	assert.Equal(t, third, seen["stop"])
	assert.NotEqual(t, third, seen["loss"])
	assert.InEpsilon(t, third, seen["loss"], 1.0/256)
}

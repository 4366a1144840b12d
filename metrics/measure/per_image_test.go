package measure

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/metrics"
)

// A metric by PerImage is what the same metric is by hand, but for parts that it does not ask for.
func TestPerImage(t *testing.T) {
	in := input(t)
	want := measured(t, "mse", in)
	parts := []audit.Part{audit.Forget, audit.Test}
	got, err := PerImage(in, criteria.MSE, audit.Hole, parts, func(p Pair) (float64, error) {
		hole, err := metrics.RegionFromMask(p.Hole)
		if err != nil {
			return 0, err
		}
		return metrics.MSE(p.Painted, p.Truth, hole)
	})
	require.NoError(t, err)
	require.Len(t, got, len(parts))
	for _, s := range got {
		assert.Equal(t, want[s.Key()], s)
	}

	broken := errors.New("broken")
	_, err = PerImage(in, criteria.MSE, audit.Hole, parts, func(Pair) (float64, error) { return 0, broken })
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "mse of image 0 (forget)")
	delete(in.Subject, audit.Forget)
	_, err = PerImage(in, criteria.MSE, audit.Hole, parts, func(Pair) (float64, error) { return 0, nil })
	require.ErrorContains(t, err, "nothing was painted for part forget")
}

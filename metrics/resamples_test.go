package metrics

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestResamples(t *testing.T) {
	r := Resamples{1, 2, 3, 6}
	assert.Equal(t, 3.0, r.Mean())
	pop, err := r.Std(0)
	require.NoError(t, err)
	assert.InDelta(t, math.Sqrt(3.5), pop, 1e-15)
	sample, err := r.Std(1)
	require.NoError(t, err)
	assert.InDelta(t, math.Sqrt(14./3), sample, 1e-15)
	for _, bad := range []struct {
		r    Resamples
		ddof int
	}{{Resamples{1}, 1}, {nil, 0}, {r, -1}} {
		_, err := bad.r.Std(bad.ddof)
		assert.Error(t, err)
	}
	assert.Zero(t, Resamples(nil).Mean())
}

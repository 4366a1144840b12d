package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Rates are the sorted scores' own, by hand: of four known and five unseen images.
func TestROC(t *testing.T) {
	fpr, tpr, err := ROC([]float64{9, 7, 5, 1}, []float64{8, 6, 4, 2, 0})
	require.NoError(t, err)
	assert.Equal(t, []float64{.2, .2, .2, .4, .4, .6, .8, .8, 1}, fpr, "below one image's rate there is nothing to see")
	assert.Equal(t, []float64{.25, .25, .5, .5, .75, .75, .75, 1, 1}, tpr)
}

func TestROCOfTies(t *testing.T) {
	fpr, tpr, err := ROC([]float64{3, 3}, []float64{3, 1})
	require.NoError(t, err)
	assert.Equal(t, []float64{.5, 1}, fpr)
	assert.Equal(t, []float64{1, 1}, tpr, "equal scores pass a threshold together")
}

func TestROCOfNothing(t *testing.T) {
	for name, x := range map[string][]float64{"empty": {}, "not finite": {math.NaN()}} {
		_, _, err := ROC(x, []float64{1})
		assert.Error(t, err, name)
		_, _, err = ROC([]float64{1}, x)
		assert.Error(t, err, name)
	}
}

func TestOverlookedIsSolve(t *testing.T) {
	b := BackdoorTest{Alpha: .01, Q: .05, P: .5}
	beta, err := b.Overlooked(20)
	require.NoError(t, err)
	require.Len(t, beta, 20)
	for i, v := range beta {
		b.N = i + 1
		power, err := b.Solve()
		require.NoError(t, err)
		assert.Equal(t, power.Beta, v)
	}
	_, err = BackdoorTest{Alpha: 2}.Overlooked(1)
	assert.ErrorContains(t, err, "alpha")
}

package stats_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
)

// By hand: differences to the oracles' mean (2, 4, 6) are −1, 1, 3.
var (
	handSubject = []float64{1, 5, 9}
	handOracles = [][]float64{{1, 3, 5}, {3, 5, 7}}
)

func TestPairedEffectByHand(t *testing.T) {
	e, err := stats.PairedEffect(handSubject, handOracles)
	require.NoError(t, err)
	image, seed := 4.0/3, 1.0 // Var = 4 over 3 images; means 3 and 5, Var = 2 over 2 oracles
	assert.InDelta(t, 1, e.Estimate, 1e-15)
	assert.InDelta(t, math.Sqrt(image), e.ImageSE, 1e-15)
	assert.InDelta(t, math.Sqrt(seed), e.SeedSE, 1e-15)
	assert.InDelta(t, math.Sqrt(image+seed), e.SE, 1e-15)
	assert.InDelta(t, (image+seed)*(image+seed)/(image*image/2+seed*seed/1), e.DF, 1e-12)
	assert.Equal(t, 3, e.Images)
	assert.Equal(t, 2, e.Seeds)
}

func TestDifferenceInDifferencesByHand(t *testing.T) {
	// Set B: differences to (1, 2, 0, 1) are 1, −1, 1, −1; oracle means 1 and 1.
	subjB, oraB := []float64{2, 1, 1, 0}, [][]float64{{0, 2, 0, 2}, {2, 2, 0, 0}}
	e, err := stats.DifferenceInDifferences(handSubject, handOracles, subjB, oraB)
	require.NoError(t, err)
	assert.InDelta(t, 1, e.Estimate, 1e-15)
	assert.InDelta(t, math.Sqrt(4.0/3+1.0/3), e.ImageSE, 1e-15)
	assert.InDelta(t, 1, e.SeedSE, 1e-15) // A−B means: 2 and 4
	a, b, s := 4.0/3, 1.0/3, 1.0
	assert.InDelta(t, (a+b+s)*(a+b+s)/(a*a/2+b*b/3+s*s), e.DF, 1e-12)
	assert.Equal(t, 7, e.Images)
}

func TestEffectsRefuseBadSamples(t *testing.T) {
	for name, row := range map[string]struct {
		subject []float64
		oracles [][]float64
		says    string
	}{
		"one oracle":    {[]float64{1, 2}, [][]float64{{1, 2}}, "1 rows"},
		"no oracle":     {[]float64{1, 2}, nil, "0 rows"},
		"one image":     {[]float64{1}, [][]float64{{1}, {2}}, "subject has 1 values"},
		"ragged oracle": {[]float64{1, 2}, [][]float64{{1, 2}, {1}}, "oracles[1] has 1 values where 2 are paired"},
		"NaN":           {[]float64{1, math.NaN()}, [][]float64{{1, 2}, {2, 3}}, "subject[1] is NaN"},
		"Inf":           {[]float64{1, 2}, [][]float64{{1, 2}, {2, math.Inf(1)}}, "oracles[1][1] is +Inf"},
	} {
		_, err := stats.PairedEffect(row.subject, row.oracles)
		require.ErrorIs(t, err, stats.ErrSample, name)
		require.ErrorContains(t, err, row.says, name)
		_, err = stats.DifferenceInDifferences(handSubject, handOracles, row.subject, row.oracles)
		require.ErrorIs(t, err, stats.ErrSample, name)
		_, err = stats.DifferenceInDifferences(row.subject, row.oracles, handSubject, handOracles)
		require.ErrorIs(t, err, stats.ErrSample, name)
	}
}

func TestNoVariationIsNoEvidence(t *testing.T) {
	same := []float64{.1, .2, .7}
	e, err := stats.PairedEffect(same, [][]float64{same, same, same})
	require.NoError(t, err)
	for name, e := range map[string]stats.Effect{"no variation": e, "zero value": {}} {
		require.Zero(t, e.SE, name)
		assert.Equal(t, stats.Test{PEquivalent: 1, PDifferent: 1}, stats.TwoSided(e, .1), name)
		assert.True(t, math.IsInf(e.Interval(.9).Width(), 1), name)
		assert.True(t, math.IsInf(stats.MinimalDetectable(e, .05, .8), 1), name)
	}
}

func TestPairedEffectInvariances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(2, 12).Draw(t, "n"), rapid.IntRange(2, 5).Draw(t, "k")
		row := rapid.SliceOfN(rapid.Float64Range(-3, 3), n, n)
		subject, oracles := row.Draw(t, "subject"), rapid.SliceOfN(row, k, k).Draw(t, "oracles")
		offset, perImage := rapid.Float64Range(-2, 2).Draw(t, "offset"), row.Draw(t, "perImage")
		order := rapid.Permutation(indices(n)).Draw(t, "order")

		moved := make([]float64, n)
		movedOracles := make([][]float64, k)
		for j := range movedOracles {
			movedOracles[j] = make([]float64, n)
		}
		for i, from := range order {
			moved[i] = subject[from] + perImage[from] + offset
			for j := range movedOracles {
				movedOracles[j][i] = oracles[j][from] + perImage[from]
			}
		}
		e, err := stats.PairedEffect(subject, oracles)
		require.NoError(t, err)
		m, err := stats.PairedEffect(moved, movedOracles)
		require.NoError(t, err)
		// What all models share of an image cancels, and order is nothing.
		require.InDelta(t, e.Estimate+offset, m.Estimate, 1e-12)
		require.InDelta(t, e.SE, m.SE, 1e-7)
		require.InDelta(t, e.SeedSE, m.SeedSE, 1e-7)

		zero, err := stats.DifferenceInDifferences(subject, oracles, subject, oracles)
		require.NoError(t, err)
		require.Zero(t, zero.Estimate)
		require.Zero(t, zero.SeedSE)
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func ExamplePairedEffect() {
	// Log errors of six images: three oracles, and a model that remembers.
	oracles := [][]float64{
		{-1.2, -0.9, -1.4, -1.1, -1.3, -1.0},
		{-1.3, -0.8, -1.5, -1.0, -1.2, -1.1},
		{-1.2, -1.0, -1.3, -1.1, -1.4, -0.9},
	}
	subject := []float64{-2.1, -1.9, -2.3, -2.2, -2.2, -2.0}
	e, err := stats.PairedEffect(subject, oracles)
	if err != nil {
		fmt.Println(err)
		return
	}
	i := e.Interval(0.90)
	fmt.Printf("%.2f (%.2f to %.2f)\n", e.Estimate, i.Lo, i.Hi)
	fmt.Printf("evidence of a difference beyond 0.1: p < 0.001 is %v\n", stats.TwoSided(e, 0.1).PDifferent < 0.001)
	// Output:
	// -0.97 (-1.05 to -0.89)
	// evidence of a difference beyond 0.1: p < 0.001 is true
}

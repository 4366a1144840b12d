package stats

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The expected probabilities are sums of products of scipy.stats.binom's pmf and cdf (SciPy 1.10).
func TestRememberedProbabilities(t *testing.T) {
	for _, c := range []struct {
		r               Remembered
		m               int
		atMost, atLeast float64
	}{
		{Remembered{N: 48, Hits: 0, TPR: 0.9, FPR: 0}, 1, 0.1, 1},
		{Remembered{N: 48, Hits: 0, TPR: 0.9, FPR: 0}, 2, 0.01, 1},
		{Remembered{N: 48, Hits: 1, TPR: 1, FPR: 0}, 1, 1, 1},
		{Remembered{N: 10, Hits: 10, TPR: 1, FPR: 0}, 9, 1, 0},
		{Remembered{N: 84, Hits: 2, TPR: 0.8, FPR: 0.015}, 4, 0.06420342056984973, 0.9912998717506931},
		{Remembered{N: 48, Hits: 4, TPR: 0.9, FPR: 0.005}, 0, 0.9999955264154046, 0.00010201605919557544},
		{Remembered{N: 48, Hits: 4, TPR: 0.9, FPR: 0.005}, 2, 0.99867562102362, 0.0184110425470998},
	} {
		assert.InDelta(t, c.atMost, c.r.AtMost(c.m), 1e-10, "%+v at most, m=%d", c.r, c.m)
		assert.InDelta(t, c.atLeast, c.r.AtLeast(c.m), 1e-10, "%+v at least, m=%d", c.r, c.m)
	}
}

func TestRememberedBoundsAndTest(t *testing.T) {
	r := Remembered{N: 48, TPR: 0.9, FPR: 0.005}
	b, err := r.Bounds(0.9)
	require.NoError(t, err)
	assert.Equal(t, Interval{Lo: 0, Hi: 1.0 / 48, Level: 0.9}, b)
	got, err := r.Test(0.05)
	require.NoError(t, err)
	assert.InDelta(t, 0.001*0.798, got.PEquivalent, 1e-4, "three remembered, none found, and 45 forgotten, none called")
	assert.Equal(t, 1.0, got.PDifferent)
	r.Hits = 5 // a tenth
	got, err = r.Test(0.05)
	require.NoError(t, err)
	assert.Less(t, got.PDifferent, 0.01)
	share, err := r.Share()
	require.NoError(t, err)
	assert.InDelta(t, (5.0/48-0.005)/0.895, share, 1e-12)
}

func TestRememberedProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		fpr := rapid.Float64Range(0, 0.3).Draw(t, "fpr")
		r := Remembered{N: n, Hits: rapid.IntRange(0, n).Draw(t, "hits"), TPR: rapid.Float64Range(fpr+0.01, 1).Draw(t, "tpr"), FPR: fpr}
		for m := range n {
			require.GreaterOrEqual(t, r.AtMost(m)+1e-12, r.AtMost(m+1))
			require.LessOrEqual(t, r.AtLeast(m)-1e-12, r.AtLeast(m+1))
		}
		b, err := r.Bounds(0.95)
		require.NoError(t, err)
		share, err := r.Share()
		require.NoError(t, err)
		require.LessOrEqual(t, b.Lo, share+1/float64(n))
		require.GreaterOrEqual(t, b.Hi, share-1/float64(n))
	})
}

// The bounds hold the true share at least as often as they say.
func TestRememberedCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, m := range []int{0, 1, 5, 24} {
		const n, runs = 48, 2000
		covered, passed := 0, 0
		for range runs {
			r := Remembered{N: n, TPR: 0.9, FPR: 0.01}
			for i := range n {
				rate := r.FPR
				if i < m {
					rate = r.TPR
				}
				if rng.Float64() < rate {
					r.Hits++
				}
			}
			b, err := r.Bounds(0.9)
			require.NoError(t, err)
			if b.Lo <= float64(m)/n && float64(m)/n <= b.Hi {
				covered++
			}
			got, err := r.Test(0.08) // up to 3 of 48
			require.NoError(t, err)
			if got.PEquivalent < 0.05 {
				passed++
			}
		}
		assert.GreaterOrEqual(t, float64(covered)/runs, 0.885, "m=%d", m)
		if m > 3 {
			assert.LessOrEqual(t, float64(passed)/runs, 0.055, "m=%d is beyond the margin", m)
		}
	}
}

func TestRememberedRefuses(t *testing.T) {
	for _, r := range []Remembered{{}, {N: 3, Hits: 4, TPR: 1}, {N: 3, Hits: -1, TPR: 1}, {N: 3, TPR: 0.1, FPR: 0.1},
		{N: 3, TPR: 1.1}, {N: 3, TPR: 1, FPR: -1}} {
		_, err := r.Share()
		assert.ErrorContains(t, err, "remembered: ", "%+v", r)
		_, err = r.Bounds(0.9)
		assert.Error(t, err)
		_, err = r.Test(0.1)
		assert.Error(t, err)
	}
	_, err := Remembered{N: 3, TPR: 1}.Test(1)
	assert.ErrorContains(t, err, "margin 1")
}

package palette

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/models"
)

func TestSchedule(t *testing.T) {
	g := linear(4, 0.1, 0.4)
	want := []float64{1, 0.9, 0.9 * 0.8, 0.9 * 0.8 * 0.7, 0.9 * 0.8 * 0.7 * 0.6}
	require.Len(t, g, 5)
	for i := range want {
		assert.InDelta(t, want[i], g[i], 1e-12)
	}
	assert.Equal(t, []float64{g[4], g[2], 1}, g.levels(2))
	assert.Equal(t, []float64{g[4], g[3], g[1], 1}, g.levels(3), "the nearest times")
	assert.Equal(t, []float64(linear(1, 0.3, 0.3)), []float64{1, 0.7})
	// As many draws between any two neighbours, and even ones there.
	const n = 40000
	r := rand.New(rand.NewPCG(1, 2))
	var counts [4]int
	var place float64
	for range n {
		v := g.level(r)
		k := 0
		for v < g[k+1] {
			k++
		}
		require.LessOrEqual(t, v, g[k])
		counts[k]++
		place += (g[k] - v) / (g[k] - g[k+1]) / n
	}
	for k, c := range counts {
		assert.InDelta(t, n/4, c, 5*math.Sqrt(n*3./16), "step %d", k)
	}
	assert.InDelta(t, 0.5, place, 5/math.Sqrt(12*n))
	// What is published for places.
	p := linear(2000, 1e-6, 0.01)
	assert.InDelta(t, -10.03, math.Log(p[2000]), 0.05)
}

// TestWaves: cosines, then sines; frequencies from 1 down to 10000^(−(h−1)/h).
func TestWaves(t *testing.T) {
	got := waves([]float64{0.5, 1}, 4)
	want := []float64{math.Cos(.5), math.Cos(.005), math.Sin(.5), math.Sin(.005), math.Cos(1), math.Cos(.01), math.Sin(1), math.Sin(.01)}
	require.Len(t, got, len(want))
	for i, w := range want {
		assert.InDelta(t, w, got[i], 1e-6, fmt.Sprint(i))
	}
}

// TestNoises: the image's place decides, and the purpose and the seed; the numbers are normal.
func TestNoises(t *testing.T) {
	in := models.Input{N: 4, Seed: 1}
	all := noises(in, "a", 5000, nil)
	assert.Equal(t, all[2*5000:], noises(models.Input{N: 2, Seed: 1, First: 2}, "a", 5000, nil))
	assert.Equal(t, all[:10], noises(in, "a", 10, nil)[:10], "more numbers do not change the first")
	assert.NotEqual(t, all[:5000], all[5000:10000])
	assert.NotEqual(t, all, noises(in, "b", 5000, nil))
	assert.NotEqual(t, all, noises(models.Input{N: 4, Seed: 2}, "a", 5000, nil))
	var m1, m2 float64
	for _, v := range all {
		m1 += float64(v) / 20000
		m2 += float64(v) * float64(v) / 20000
	}
	assert.InDelta(t, 0, m1, 5/math.Sqrt(20000))
	assert.InDelta(t, 1, m2, 5*math.Sqrt(2./20000))
}

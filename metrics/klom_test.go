package metrics

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// series is f(0), f(1), …
func series(n int, f func(i float64) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = f(float64(i))
	}
	return out
}

// The values were obtained by running unlearning_bench/eval.py with its right edge mended; "released" as it is.
func TestKLoM(t *testing.T) {
	p := series(100, func(i float64) float64 { return math.Sin(0.9*i) + 1 })
	q := series(100, func(i float64) float64 { return math.Cos(0.7 * i) })
	away := series(100, func(i float64) float64 { return math.Cos(0.7*i) + 50 })
	nine := append(make([]float64, 9), 1)
	for _, c := range []struct {
		name           string
		p, q           []float64
		want, released float64
	}{
		{"two waves", p, q, 5.8489686543800605, 5.806334428771113},
		{"identical", q, q, 0, 0},
		{"disjoint", away, q, 11.51293546492023, 11.51293546492023},
		{"one of ten elsewhere", nine, make([]float64, 10), .8262195730555749, 0},
	} {
		got, err := KLoM(c.p, c.q)
		require.NoError(t, err)
		assert.InDelta(t, c.want, got, 1e-9, c.name)
		if c.want != c.released {
			assert.Greater(t, math.Abs(got-c.released), 1e-3, "%s: the largest score was dropped", c.name)
		}
	}
	clipped, err := KLoM([]float64{1e9, 0}, []float64{100, 0})
	require.NoError(t, err)
	assert.Zero(t, clipped)
}

func TestKLoMProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Float64Range(-50, 50), 1, 40)
		p, q := scores.Draw(t, "p"), scores.Draw(t, "q")
		got, err := KLoM(p, q)
		require.NoError(t, err)
		require.GreaterOrEqual(t, got, 0.0)
		require.LessOrEqual(t, got, KLoMMax+1e-3)
		same, err := KLoM(p, append(append([]float64{}, p...), p...))
		require.NoError(t, err)
		require.InDelta(t, 0, same, 1e-9)
	})
}

func TestKLoMRefuses(t *testing.T) {
	_, err := KLoM(nil, []float64{1})
	assert.ErrorContains(t, err, "without unlearned scores")
	_, err = KLoM([]float64{1}, nil)
	assert.ErrorContains(t, err, "without oracle scores")
	_, err = KLoM([]float64{math.NaN()}, []float64{1})
	assert.ErrorContains(t, err, "unlearned score 0 is NaN")
}

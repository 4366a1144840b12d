package sets

import (
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/metrics"
)

func onProcessors(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}

// The standard error against the jackknife's definition: the KID without each row in turn.
func TestKIDIntervalIsTheJackknife(t *testing.T) {
	x, y := golden.WaveA(16, 4), golden.WaveB(11, 4)
	got, err := KIDInterval(x, y, 0.95)
	require.NoError(t, err)
	v, err := KID(x, y, KIDUnbiased)
	require.NoError(t, err)
	assert.Equal(t, v, got.Value)
	without := func(x *mat.Dense, f func(part *mat.Dense) (float64, error)) float64 {
		n, _ := x.Dims()
		var u metrics.Resamples
		for i := range n {
			var rows []int
			for r := range n {
				if r != i {
					rows = append(rows, r)
				}
			}
			v, err := f(embeddings.Pick(x, rows))
			require.NoError(t, err)
			u = append(u, v)
		}
		sd, err := u.Std(0)
		require.NoError(t, err)
		return float64(n-1) * sd * sd
	}
	want := without(x, func(p *mat.Dense) (float64, error) { return KID(p, y, KIDUnbiased) }) +
		without(y, func(p *mat.Dense) (float64, error) { return KID(x, p, KIDUnbiased) })
	assert.InDelta(t, math.Sqrt(want), got.SE, 1e-13)
	assert.InDelta(t, got.Value-1.959963984540054*got.SE, got.Low, 1e-15)
	assert.InDelta(t, got.Value+1.959963984540054*got.SE, got.High, 1e-15)
	wide, err := KIDInterval(x, y, 0.99)
	require.NoError(t, err)
	assert.Greater(t, wide.High, got.High)
}

// kidOfShift is the KID of N(0, I) and N(c, I) in d dimensions: with a·b of independent a, b, of which the third
// power's mean follows from the moments of Gaussians.
func kidOfShift(d int, c []float64) float64 {
	cc := 0.0
	for _, v := range c {
		cc += v * v
	}
	f := 1 / float64(d)
	// E(s+1)³ with s = f·a·b: 1 + 3·E s + 3·E s² + E s³. For a, b ~ N(c, I): E a·b = |c|², E (a·b)² = d + 2|c|² + |c|⁴,
	// E (a·b)³ = |c|⁶ + 6|c|⁴ + (3d + 6)|c|²; with a ~ N(0, I), b ~ N(c, I): 0, d + |c|², 0; both centred: 0, d, 0.
	df := float64(d)
	shifted := 1 + 3*f*cc + 3*f*f*(df+2*cc+cc*cc) + f*f*f*(cc*cc*cc+6*cc*cc+(3*df+6)*cc)
	return shifted + (1 + 3*f*f*df) - 2*(1+3*f*f*(df+cc))
}

// Coverage over simulated sets: near the level for distributions that differ, above it for equal ones.
func TestKIDIntervalCovers(t *testing.T) {
	const runs = 400
	for _, c := range []struct {
		name     string
		n, m     int
		shift    []float64
		low, top float64
	}{ // three binomial standard errors of 400 runs at 95 % are 3.3 %
		{"different", 200, 150, []float64{0.5, 0.5, 0.5, 0.5}, 0.917, 0.983},
		{"equal", 60, 50, []float64{0, 0, 0, 0}, 0.95, 1},
	} {
		covered, truth := 0, kidOfShift(4, c.shift)
		var values, errs metrics.Resamples
		for i := range runs {
			k, err := KIDInterval(golden.Normals(uint64(2*i), c.n, 4), golden.Shifted(golden.Normals(uint64(2*i+1), c.m, 4), c.shift), 0.95)
			require.NoError(t, err)
			values, errs = append(values, k.Value), append(errs, k.SE)
			if k.Low <= truth && truth <= k.High {
				covered++
			}
		}
		sd, err := values.Std(1)
		require.NoError(t, err)
		share := float64(covered) / runs
		t.Logf("%s: %.3f covered, KID %.4f ± %.4f, truth %.4f, mean standard error %.4f", c.name, share, values.Mean(), sd, truth, errs.Mean())
		assert.InDelta(t, truth, values.Mean(), 3*sd/math.Sqrt(runs), "unbiased")
		assert.GreaterOrEqual(t, share, c.low, c.name)
		assert.LessOrEqual(t, share, c.top, c.name)
	}
}

func TestKIDIntervalErrors(t *testing.T) {
	x := golden.WaveA(5, 3)
	for _, c := range []struct {
		x, y  *mat.Dense
		level float64
		says  string
	}{
		{x, nil, 0.95, "second set is empty"},
		{x, golden.WaveA(2, 3), 0.95, "at least 3"},
		{x, golden.WaveA(5, 2), 0.95, "same features"},
		{x, x, 1, "level 1"},
		{x, x, math.NaN(), "level NaN"},
	} {
		_, err := KIDInterval(c.x, c.y, c.level)
		assert.ErrorContains(t, err, c.says)
	}
	huge := golden.WaveA(5, 3)
	huge.Scale(1e120, huge)
	_, err := KIDInterval(huge, x, 0.95)
	assert.ErrorContains(t, err, "overflow")
}

package stats_test

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/golden"
)

func average(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func spread(x []float64) float64 {
	m, sum := average(x), 0.0
	for _, v := range x {
		sum += (v - m) * (v - m)
	}
	return math.Sqrt(sum / float64(len(x)))
}

func middle(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

func TestBCa(t *testing.T) {
	// scipy 1.10.1 stats.bootstrap(np.mean, method="BCa", n_resamples=20000): the mean
	// of eight values has few distinct resamples, so that generators agree.
	i, err := stats.BCa(eight, average, 20000, .95, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	assert.InDelta(t, 1.8000, i.Lo, .03)
	assert.InDelta(t, 3.8875, i.Hi, .03)

	again, err := stats.BCa(eight, average, 20000, .95, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	assert.Equal(t, i, again, "the same generator gives the same interval")
}

// replay is a source that makes rand.Rand.IntN(n) return recorded indices. IntN takes
// the high word of draw·n and draws again where the low word is below n: the
// quotient i·2⁶⁴/n plus 2 is safely past both.
type replay struct {
	indices []float64
	n       uint64
}

func (r *replay) Uint64() uint64 {
	quotient, _ := bits.Div64(uint64(r.indices[0]), 0, r.n)
	r.indices = r.indices[1:]
	return quotient + 2
}

func TestBCaAgreesWithSciPyOnItsResamples(t *testing.T) {
	statistics := map[string]func([]float64) float64{"mean": average, "std_pop": spread, "median": middle}
	compared := 0
	for _, c := range golden.Cases(t, "stat_tests") {
		if !strings.HasPrefix(c.ID, "bootstrap_") {
			continue
		}
		x, idx := floats(t, c, "x"), floats(t, c, "idx")
		for name, statistic := range statistics {
			if _, ok := c.Expected[name+"_BCa"]; !ok {
				continue
			}
			var want [2]float64
			v := c.Read(t, name+"_BCa", &want)
			rng := rand.New(&replay{indices: idx, n: uint64(len(x))})
			got, err := stats.BCa(x, statistic, len(idx)/len(x), .95, rng)
			require.NoError(t, err)
			v.Near(t, want[0], got.Lo)
			v.Near(t, want[1], got.Hi)
			compared++
		}
	}
	require.GreaterOrEqual(t, compared, 3)
}

func TestClusteredCountsBothSources(t *testing.T) {
	const seeds, images = 20, 30
	draw := func(rng *rand.Rand, seedSD float64) [][]float64 {
		values := make([][]float64, seeds)
		for k := range values {
			seed := seedSD * rng.NormFloat64()
			for range images {
				values[k] = append(values[k], seed+.3*rng.NormFloat64())
			}
		}
		return values
	}
	grand := func(v [][]float64) float64 { return average(slices.Concat(v...)) }
	covers := func(seedSD float64) float64 {
		rng := rand.New(rand.NewPCG(13, 14))
		n := 0
		const runs = 200
		for range runs {
			i, err := stats.Clustered(draw(rng, seedSD), grand, 200, .9, rng)
			require.NoError(t, err)
			if i.Contains(0) {
				n++
			}
		}
		return float64(n) / runs
	}
	// Images alone would cover some 12 % here: the seeds' standard error is eleven times theirs.
	assert.InDelta(t, .9, covers(.6), .07)
	assert.GreaterOrEqual(t, covers(0), .88)
}

func TestClusteredKeepsImagesPaired(t *testing.T) {
	// Two seeds that differ by a constant in every image: so they do in every resample.
	values := [][]float64{{1, 5, 2, 8}, {2, 6, 3, 9}}
	seen := map[float64]bool{}
	_, err := stats.Clustered(values, func(v [][]float64) float64 {
		for i := range v[0] {
			seen[v[1][i]-v[0][i]] = true
		}
		d := v[1][0] - v[0][0]
		for i := range v[0] {
			require.Equal(t, d, v[1][i]-v[0][i], "one image for all seeds")
		}
		return average(v[0])
	}, 200, .9, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	assert.Equal(t, map[float64]bool{-1: true, 0: true, 1: true}, seen, "seeds are drawn with replacement")
}

func TestBootstrapRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	constant := []float64{.1, .1, .1}
	rare := slices.Max[[]float64]
	for name, row := range map[string]struct {
		x         []float64
		statistic func([]float64) float64
		b         int
		level     float64
		rng       *rand.Rand
		says      string
	}{
		"constant sample":    {constant, average, 200, .9, rng, "no variation"},
		"constant statistic": {eight, func([]float64) float64 { return 4 }, 200, .9, rng, "in every resample"},
		"NaN statistic":      {eight, func([]float64) float64 { return math.NaN() }, 200, .9, rng, "statistic of resample"},
		"empty":              {nil, average, 200, .9, rng, "unusable sample"},
		"one value":          {[]float64{1}, average, 200, .9, rng, "unusable sample"},
		"few resamples":      {eight, average, 10, .9, rng, "10 resamples"},
		"bad level":          {eight, average, 200, 1, rng, "level"},
		"no generator":       {eight, average, 200, .9, nil, "generator"},
		"outside": {[]float64{1, 2, 3, 4}, func(x []float64) float64 {
			if slices.Equal(x, []float64{1, 2, 3, 4}) {
				return 100
			}
			return rare(x)
		}, 100, .9, rand.New(rand.NewPCG(3, 3)), "one side"},
	} {
		_, err := stats.BCa(row.x, row.statistic, row.b, row.level, row.rng)
		require.ErrorContains(t, err, row.says, name)
	}
	grand := func(v [][]float64) float64 { return average(v[0]) }
	for name, values := range map[string][][]float64{"no seed": nil, "one seed": {eight}, "ragged": {eight, seven}} {
		_, err := stats.Clustered(values, grand, 200, .9, rng)
		require.ErrorIs(t, err, stats.ErrSample, name)
	}
	_, err := stats.Clustered([][]float64{constant, constant}, grand, 200, .9, rng)
	require.ErrorIs(t, err, stats.ErrConstant)
	_, err = stats.Clustered([][]float64{eight, eight}, func([][]float64) float64 { return 1 }, 200, .9, rng)
	require.ErrorIs(t, err, stats.ErrConstant)
}

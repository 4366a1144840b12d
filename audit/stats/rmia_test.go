package stats_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/golden"
)

// The published code's values. It takes models in pairs, leaves out the target's, and of the next 2·refs models the
// refs with the largest probabilities among those that were not trained on the example.
func TestRMIAGolden(t *testing.T) {
	c := golden.Find(t, "lira_rmia", "rmia")
	signals, population, members := floats(t, c, "signals"), floats(t, c, "population"), bools(t, c, "memberships")
	const models = 8
	means := func(values []float64, member func(i, m int) bool, refs int) (first, out []float64) {
		for i := range len(values) / models {
			var v []float64
			for m := 2; m < 2+2*refs; m++ {
				p := values[i*models+m]
				if member(i, m) {
					p = 0
				}
				v = append(v, p)
			}
			slices.Sort(v)
			sum := 0.0
			for _, p := range v[refs:] {
				sum += p
			}
			first, out = append(first, values[i*models]), append(out, sum/float64(refs))
		}
		return first, out
	}
	for refs := 1; refs <= 3; refs++ {
		for _, a := range []string{"0.0", "0.3", "1.0"} {
			x, xOut := means(signals, func(i, m int) bool { return members[i*models+m] }, refs)
			z, zOut := means(population, func(int, int) bool { return false }, refs)
			var offline float64
			_, err := fmt.Sscan(a, &offline)
			require.NoError(t, err)
			got, err := stats.RMIA(x, xOut, z, zOut, offline, 1)
			require.NoError(t, err)
			var want []float64
			c.Read(t, fmt.Sprintf("rmia_ref%d_a%s", refs, a), &want)
			assert.Equal(t, want, got, "%d reference models, a=%s", refs, a)
		}
	}
}

// By hand: ratios 2 and ½ against population ratios 1, 1 and 4.
func TestRMIAByHand(t *testing.T) {
	got, err := stats.RMIA([]float64{0.8, 0.2}, []float64{0.4, 0.4}, []float64{0.5, 0.3, 0.8}, []float64{0.5, 0.3, 0.2}, 1, 1)
	require.NoError(t, err)
	assert.Equal(t, []float64{2. / 3, 0}, got)
	got, err = stats.RMIA([]float64{0.8, 0.2}, []float64{0.4, 0.4}, []float64{0.5, 0.3, 0.8}, []float64{0.5, 0.3, 0.2}, 1, 2)
	require.NoError(t, err)
	assert.Equal(t, []float64{0, 0}, got, "2 is not more than twice 1")
}

// An example that is likelier under the target never scores less.
func TestRMIAIsMonotone(t *testing.T) {
	p := rapid.Float64Range(1e-6, 1)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "n")
		z := rapid.SliceOfN(p, n, n).Draw(t, "z")
		out := rapid.SliceOfN(p, n, n).Draw(t, "out")
		lo, hi, ref := p.Draw(t, "lo"), p.Draw(t, "hi"), p.Draw(t, "ref")
		s, err := stats.RMIA([]float64{min(lo, hi), max(lo, hi)}, []float64{ref, ref}, z, out, rapid.Float64Range(0, 1).Draw(t, "a"), 1)
		require.NoError(t, err)
		assert.LessOrEqual(t, s[0], s[1])
	})
}

func TestRMIARefuses(t *testing.T) {
	one := []float64{0.5}
	for _, err := range []error{
		last(stats.RMIA(nil, nil, one, one, 1, 1)), last(stats.RMIA(one, nil, one, one, 1, 1)), last(stats.RMIA(one, one, one, nil, 1, 1)),
		last(stats.RMIA(one, one, one, one, 2, 1)), last(stats.RMIA(one, one, one, one, 1, 0)), last(stats.RMIA([]float64{0}, one,
			one, one, 1, 1)),
		last(stats.RMIA(one, one, []float64{1.1}, one, 1, 1)),
	} {
		assert.ErrorContains(t, err, "rmia: ")
	}
}

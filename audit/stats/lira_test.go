package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/golden"
)

// toy is eight shadow models and three examples, each of which was in half of them: s = sin(1.3m + 0.7n), and 1.5 more
// where it was in. The values were computed with the published formula and, for the corrected one, by hand in NumPy.
func toy() (in, out [][]float64) {
	in, out = make([][]float64, 3), make([][]float64, 3)
	for m := range 8 {
		for n := range 3 {
			s := math.Sin(1.3*float64(m) + 0.7*float64(n))
			if (m+n)%2 == 0 {
				in[n] = append(in[n], s+1.5)
			} else {
				out[n] = append(out[n], s)
			}
		}
	}
	return in, out
}

func TestLiRAByHand(t *testing.T) {
	in, out := toy()
	target := []float64{1.2, 0.1, 2}
	got, err := stats.LiRA(target, in, out, stats.PerExample)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{0.7668732, -2.4652220, 3.8886544}, got, 1e-6)
	got, err = stats.LiRA(target, in, out, stats.Global)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{0.6155672, -2.6265312, 5.4257610}, got, 1e-6,
		"the published 0.5535619, −2.5571278, 4.7482131 take σ_in for both")
	got, err = stats.LiRAOffline(target, out, stats.PerExample)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{-1.6450774, -0.2712786, -4.4021122}, got, 1e-6)

	// Pooled: within examples, so that examples whose scores lie apart do not widen it.
	got, err = stats.LiRAOneSided([]float64{3, 103}, [][]float64{{0, 2}, {100, 102}}, stats.Pooled)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{2 / math.Sqrt2, 2 / math.Sqrt2}, got, 1e-12)
}

// The published code's values, with the variance of each example.
func TestLiRAGolden(t *testing.T) {
	for _, id := range []string{"lira_K1", "lira_K2"} {
		c := golden.Find(t, "lira_rmia", id)
		scores, target, keep := floats(t, c, "scores"), floats(t, c, "target_scores"), bools(t, c, "keep")
		const models = 16
		n := len(keep) / models
		views := len(target) / n
		mean := make([]float64, n)
		for k := range views { // the published code averages the views' log-likelihoods
			in, out, x := make([][]float64, n), make([][]float64, n), make([]float64, n)
			for j := range n {
				x[j] = target[j*views+k]
				for m := range models {
					if s := scores[(m*n+j)*views+k]; keep[m*n+j] {
						in[j] = append(in[j], s)
					} else {
						out[j] = append(out[j], s)
					}
				}
			}
			// It cuts all examples to the fewest models that one of them has.
			least := func(v [][]float64) {
				few := len(v[0])
				for _, s := range v {
					few = min(few, len(s))
				}
				for j := range v {
					v[j] = v[j][:few]
				}
			}
			least(in)
			least(out)
			got, err := stats.LiRA(x, in, out, stats.PerExample)
			require.NoError(t, err)
			for j, v := range got {
				mean[j] += v / float64(views)
			}
		}
		var want []float64
		g := c.Read(t, "lira_online_fixvar_False", &want)
		require.Len(t, want, n)
		for j := range want {
			g.Near(t, want[j], -mean[j]) // its sign is the other one
		}
	}
}

func TestLiRARefuses(t *testing.T) {
	one := [][]float64{{1}, {2}}
	for _, err := range []error{
		last(stats.LiRA([]float64{1}, one, one, stats.PerExample)),
		last(stats.LiRA([]float64{1, 2}, [][]float64{{1}, {}}, one, stats.PerExample)),
		last(stats.LiRA([]float64{1, 2}, one, [][]float64{{1}, {}}, stats.Global)),
		last(stats.LiRA([]float64{1, 2}, one, one, stats.Pooled)),
		last(stats.LiRAOffline(nil, nil, stats.PerExample)),
		last(stats.LiRAOneSided([]float64{1, 2}, one, stats.Pooled)),
	} {
		assert.ErrorContains(t, err, "likelihood ratio attack: ")
	}
}

func last(_ []float64, err error) error { return err }

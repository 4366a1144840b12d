package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
)

// known is an effect whose quantiles are in every t table: 10 degrees of freedom,
// t(0.95) = 1.812461, t(0.975) = 2.228139.
func known(estimate float64) stats.Effect {
	return stats.Effect{Estimate: estimate, SE: 1, DF: 10, Images: 64, Seeds: 3, ImageSE: .6, SeedSE: .8}
}

func TestEffectAgreesWithTheTable(t *testing.T) {
	e := known(0)
	assert.InDelta(t, 1.812461, e.Interval(.9).Hi, 1e-6)
	assert.InDelta(t, -2.228139, e.Interval(.95).Lo, 1e-6)
	assert.InDelta(t, .05, e.PLess(1.812461), 1e-7)
	assert.InDelta(t, .05, e.PGreater(-1.812461), 1e-7)
	assert.InDelta(t, .975, e.PGreater(2.228139), 1e-7)

	// Closed forms: one degree of freedom is Cauchy, very many are normal.
	cauchy := stats.Effect{SE: 1, DF: 1, Images: 2, Seeds: 2}
	assert.InDelta(t, .5-math.Atan(3)/math.Pi, cauchy.PLess(3), 1e-12)
	assert.InEpsilon(t, 1e-100/math.Pi, cauchy.PLess(1e100), 1e-9)
	assert.Equal(t, []float64{0, 1, 1, 0}, []float64{e.PGreater(math.Inf(-1)), e.PGreater(math.Inf(1)), e.PLess(math.Inf(-1)),
		e.PLess(math.Inf(1))})
	assert.Equal(t, 1.0, e.PLess(math.NaN()))
	normal := stats.Effect{SE: 1, DF: 1e12, Images: 2, Seeds: 2}
	assert.InDelta(t, 1.959963985, normal.Interval(.95).Hi, 1e-8)
	assert.InDelta(t, .025, normal.PLess(1.959963985), 1e-9)
}

func TestRegions(t *testing.T) {
	third := known(0).PLess(2) // P(T ≥ 2), 10 df
	for name, row := range map[string]struct {
		got  stats.Test
		want stats.Test
	}{
		"inside, two-sided":   {stats.TwoSided(known(0), 2), stats.Test{PEquivalent: third, PDifferent: 1}},
		"beyond, two-sided":   {stats.TwoSided(known(4), 2), stats.Test{PEquivalent: 1 - third, PDifferent: 2 * third}},
		"below, two-sided":    {stats.TwoSided(known(-4), 2), stats.Test{PEquivalent: 1 - third, PDifferent: 2 * third}},
		"high, not below":     {stats.NotBelow(known(0), 2), stats.Test{PEquivalent: third, PDifferent: 1 - third}},
		"low, not below":      {stats.NotBelow(known(-4), 2), stats.Test{PEquivalent: 1 - third, PDifferent: third}},
		"low, not above":      {stats.NotAbove(known(0), 2), stats.Test{PEquivalent: third, PDifferent: 1 - third}},
		"high, not above":     {stats.NotAbove(known(4), 2), stats.Test{PEquivalent: 1 - third, PDifferent: third}},
		"on the bound":        {stats.TwoSided(known(2), 2), stats.Test{PEquivalent: .5, PDifferent: 1}},
		"negative margin":     {stats.TwoSided(known(0), -1), stats.Test{PEquivalent: 1, PDifferent: 1}},
		"margin NaN":          {stats.TwoSided(known(0), math.NaN()), stats.Test{PEquivalent: 1, PDifferent: 1}},
		"margin NaN, below":   {stats.NotBelow(known(0), math.NaN()), stats.Test{PEquivalent: 1, PDifferent: 1}},
		"margin infinite":     {stats.TwoSided(known(0), math.Inf(1)), stats.Test{PEquivalent: 1, PDifferent: 1}},
		"the zero region":     {stats.Region{}.Test(known(0)), stats.Test{PEquivalent: .5, PDifferent: 1}},
		"asymmetric, outside": {stats.Region{Lo: -9, Hi: 2}.Test(known(4)), stats.Test{PEquivalent: 1 - third, PDifferent: 2 * third}},
	} {
		assert.InDelta(t, row.want.PEquivalent, row.got.PEquivalent, 1e-12, name)
		assert.InDelta(t, row.want.PDifferent, row.got.PDifferent, 1e-12, name)
	}
}

func TestEquivalenceProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := stats.Effect{
			Estimate: rapid.Float64Range(-3, 3).Draw(t, "estimate"), SE: rapid.Float64Range(.01, 2).Draw(t, "se"),
			DF: rapid.Float64Range(1, 200).Draw(t, "df"), Images: 10, Seeds: 3,
		}
		margin := rapid.Float64Range(0, 4).Draw(t, "margin")
		alpha := rapid.SampledFrom([]float64{.01, .05, .1}).Draw(t, "alpha")
		mirrored := e
		mirrored.Estimate = -e.Estimate

		two := stats.TwoSided(e, margin)
		require.Equal(t, two, stats.TwoSided(mirrored, margin))
		require.Equal(t, stats.NotBelow(e, margin), stats.NotAbove(mirrored, margin))
		require.InDelta(t, 1, e.PGreater(margin)+e.PLess(margin), 1e-9)
		require.False(t, two.PEquivalent < .5 && two.PDifferent < .5, "both at once")

		// A test at level α and the interval at 1−2α are the same statement.
		i := e.Interval(1 - 2*alpha)
		if inside := i.Lo > -margin && i.Hi < margin; math.Abs(two.PEquivalent-alpha) > 1e-9 {
			require.Equal(t, inside, two.PEquivalent < alpha)
		}
		if outside := i.Lo > margin || i.Hi < -margin; math.Abs(two.PDifferent-2*alpha) > 1e-9 {
			require.Equal(t, outside, two.PDifferent < 2*alpha)
		}
		wider := stats.TwoSided(e, margin*1.5)
		require.LessOrEqual(t, wider.PEquivalent, two.PEquivalent)
		require.GreaterOrEqual(t, wider.PDifferent, two.PDifferent)
	})
}

func TestHolm(t *testing.T) {
	for _, row := range []struct{ p, want []float64 }{
		{nil, []float64{}},
		{[]float64{.01, .04, .03}, []float64{.03, .06, .06}},         // textbook
		{[]float64{.03, .01, .03, .9}, []float64{.09, .04, .09, .9}}, // a tie
		{[]float64{.6, .7}, []float64{1, 1}},
		{[]float64{.01, math.NaN(), -1, 2}, []float64{.04, 1, 1, 1}}, // what is no p-value is no evidence
	} {
		assert.InDeltaSlice(t, row.want, stats.Holm(row.p), 1e-15)
	}
}

func TestHolmProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 0, 12).Draw(t, "p")
		before := slices.Clone(p)
		adjusted := stats.Holm(p)
		require.Equal(t, before, p, "the argument is left as it was")
		for i := range p {
			require.GreaterOrEqual(t, adjusted[i], p[i])
			require.LessOrEqual(t, adjusted[i], min(1, p[i]*float64(len(p))), "never beyond Bonferroni")
			for j := range p {
				if p[i] <= p[j] {
					require.LessOrEqual(t, adjusted[i], adjusted[j], "monotone")
				}
			}
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		order := rng.Perm(len(p))
		shuffled := make([]float64, len(p))
		for i, from := range order {
			shuffled[i] = p[from]
		}
		for i, v := range stats.Holm(shuffled) {
			require.Equal(t, adjusted[order[i]], v, "order is nothing")
		}
	})
}

func ExampleHolm() {
	for _, p := range stats.Holm([]float64{0.01, 0.04, 0.03}) {
		fmt.Printf("%.2f ", p)
	}
	// Output: 0.03 0.06 0.06
}

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

func TestMinimalDetectable(t *testing.T) {
	// Closed form with one degree of freedom: T(δ) > c is (Z+δ)/|Z'| > c, and
	// Z − c·|Z'| > −δ; with power ½ and large c, δ = c·Φ⁻¹(¾)·(1+O(1/c²)).
	cauchy := stats.Effect{SE: 1, DF: 1, Images: 2, Seeds: 2}
	critical := cauchy.Interval(.95).Hi
	assert.InEpsilon(t, critical*.6744897502, stats.MinimalDetectable(cauchy, .05, .5), 5e-3)

	// Many degrees of freedom: z(0.975) + z(0.8) = 1.959964 + 0.841621.
	normal := stats.Effect{SE: .5, DF: 1e12, Images: 2, Seeds: 2}
	assert.InDelta(t, .5*(1.959964+.841621), stats.MinimalDetectable(normal, .05, .8), 1e-6)

	// G*Power 3.1 and Cohen 1988: a one-sample t-test with n = 34, d = 0.5, two-sided
	// α = 0.05 has power 0.8078; so d = 0.5 is what it detects with that power.
	sample := stats.Effect{SE: 1 / math.Sqrt(34), DF: 33, Images: 34, Seeds: 2}
	assert.InDelta(t, .5, stats.MinimalDetectable(sample, .05, .8077775), 1e-4)

	assert.True(t, math.IsInf(stats.MinimalDetectable(cauchy, 1e-300, .8), 1), "beyond what can be computed")
	assert.Zero(t, stats.MinimalDetectable(sample, .05, .01), "less power than chance gives")
	for _, bad := range []float64{0, 1, -1, math.NaN()} {
		assert.True(t, math.IsInf(stats.MinimalDetectable(sample, bad, .8), 1))
		assert.True(t, math.IsInf(stats.MinimalDetectable(sample, .05, bad), 1))
	}
}

func TestNeeded(t *testing.T) {
	e := grown(stats.Effect{Estimate: .02, Images: 64, Seeds: 3, ImageSE: .04, SeedSE: .01}, 64, 3)

	total, ok := stats.SeedsNeeded(e, .14, .05, .8)
	assert.True(t, ok)
	assert.Greater(t, total, 3)
	total, ok = stats.ImagesNeeded(e, .1, .05, .8)
	assert.True(t, ok)
	assert.Greater(t, total, 64)

	// A difference may show on either side: each side has half of alpha.
	e.Estimate = .3
	both, ok := stats.SeedsNeeded(e, .184, .05, .8)
	assert.True(t, ok)
	side, ok := stats.AtMost(.184).SeedsNeeded(e, .025, .8)
	assert.True(t, ok)
	assert.Equal(t, side, both)
	looser, ok := stats.AtMost(.184).SeedsNeeded(e, .05, .8)
	assert.True(t, ok)
	assert.Less(t, looser, both)
	e.Estimate = .02

	_, ok = stats.ImagesNeeded(e, .05, .05, .8)
	assert.False(t, ok, "what the seeds leave is too much for 0.03")
	_, ok = stats.SeedsNeeded(e, .1, .05, .8)
	assert.False(t, ok, "what the images leave is too much for 0.08")
	_, ok = stats.SeedsNeeded(e, .02, .05, .8)
	assert.False(t, ok, "an estimate on the bound")
}

func TestNeededDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := stats.Effect{
			Estimate: rapid.Float64Range(-.5, .5).Draw(t, "estimate"),
			ImageSE:  rapid.Float64Range(.01, .1).Draw(t, "imageSE"), SeedSE: rapid.Float64Range(.01, .1).Draw(t, "seedSE"),
			Images: rapid.IntRange(8, 256).Draw(t, "images"), Seeds: rapid.IntRange(3, 6).Draw(t, "seeds"),
		}
		image, seed := e.ImageSE*e.ImageSE, e.SeedSE*e.SeedSE
		e.SE = math.Sqrt(image + seed)
		e.DF = (image + seed) * (image + seed) / (image*image/float64(e.Images-1) + seed*seed/float64(e.Seeds-1))
		margin := rapid.Float64Range(.05, .4).Draw(t, "margin")
		region := rapid.SampledFrom([]stats.Region{stats.Within(margin), stats.AtLeast(-margin), stats.AtMost(margin)}).Draw(t, "region")

		decided := func(e stats.Effect) bool {
			test := region.Test(e)
			return min(test.PEquivalent, test.PDifferent) < .05
		}
		if total, ok := region.SeedsNeeded(e, .05, .8); ok {
			require.GreaterOrEqual(t, total, e.Seeds)
			require.True(t, decided(grown(e, e.Images, total)))
			require.True(t, total > e.Seeds || decided(e), "no more seeds wanted though nothing is decided")
			looser, ok := region.SeedsNeeded(e, .1, .8)
			require.True(t, ok)
			require.LessOrEqual(t, looser, total)
		}
		if total, ok := region.ImagesNeeded(e, .05, .8); ok {
			require.GreaterOrEqual(t, total, e.Images)
			require.True(t, decided(grown(e, total, e.Seeds)))
		}
	})
}

// grown is the effect with the same estimate and spreads from a larger experiment.
func grown(e stats.Effect, images, seeds int) stats.Effect {
	e.ImageSE *= math.Sqrt(float64(e.Images) / float64(images))
	e.SeedSE *= math.Sqrt(float64(e.Seeds) / float64(seeds))
	image, seed := e.ImageSE*e.ImageSE, e.SeedSE*e.SeedSE
	// The images' degrees of freedom grow in proportion, as the advice takes it.
	imageDF := float64(e.Images-1) * float64(images) / float64(e.Images)
	e.SE = math.Sqrt(image + seed)
	e.DF = (image + seed) * (image + seed) / (image*image/imageDF + seed*seed/float64(seeds-1))
	e.Images, e.Seeds = images, seeds
	return e
}

func TestNoAdviceWithoutAnEffect(t *testing.T) {
	for name, e := range map[string]stats.Effect{
		"zero value":  {},
		"no seeds":    {SE: 1, DF: 3, Images: 4, ImageSE: 1},
		"bad level":   known(0),
		"far too few": {Estimate: .1, SE: 1, DF: 3, Images: 64, Seeds: 3, ImageSE: math.Sqrt(.5), SeedSE: math.Sqrt(.5)},
	} {
		alpha := .05
		if name == "bad level" {
			alpha = 0
		}
		_, ok := stats.SeedsNeeded(e, .2, alpha, .8)
		assert.False(t, ok, name)
		_, ok = stats.ImagesNeeded(e, .2, alpha, .8)
		assert.False(t, ok, name)
	}
	_, ok := stats.ImagesNeeded(known(0), -1, .05, .8)
	assert.False(t, ok, "a negative margin")
	_, ok = stats.Region{Lo: math.Inf(-1), Hi: math.Inf(1)}.ImagesNeeded(known(0), .05, .8)
	assert.False(t, ok, "nothing to decide")
}

func ExampleSeedsNeeded() {
	e := stats.Effect{Estimate: 0.01, SE: 0.05, DF: 4.5, Images: 64, Seeds: 3, ImageSE: 0.03, SeedSE: 0.04}
	if total, ok := stats.SeedsNeeded(e, 0.14, 0.05, 0.8); ok {
		fmt.Printf("%d more seeds would decide\n", total-e.Seeds)
	}
	// Output: 3 more seeds would decide
}

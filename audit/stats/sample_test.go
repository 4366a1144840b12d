package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
)

func TestMeanSD(t *testing.T) {
	mean, sd, err := stats.MeanSD([]float64{2, 4, 4, 4, 5, 5, 7, 9})
	require.NoError(t, err)
	assert.Equal(t, 5.0, mean)
	assert.InDelta(t, math.Sqrt(32.0/7), sd, 1e-15)
}

func TestMeanSDOfEqualValuesHasNoSpread(t *testing.T) {
	x := make([]float64, 1000)
	for i := range x {
		x[i] = 0.1
	}
	_, sd, err := stats.MeanSD(x)
	require.NoError(t, err)
	assert.Zero(t, sd, "rounding is no spread")
}

func TestMeanSDKeepsDigitsFarFromZero(t *testing.T) {
	_, sd, err := stats.MeanSD([]float64{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16})
	require.NoError(t, err)
	assert.InDelta(t, math.Sqrt(30), sd, 1e-9)
}

func TestUnusableSamplesAreErrors(t *testing.T) {
	for name, x := range map[string][]float64{
		"nil": nil, "one value": {1}, "NaN": {1, math.NaN()}, "Inf": {math.Inf(-1), 2}, "overflow": {1e200, 0},
	} {
		_, _, err := stats.MeanSD(x)
		require.ErrorIs(t, err, stats.ErrSample, name)
	}
}

// anything draws values from the whole of float64, NaN and infinities included.
func anything(atMost int) *rapid.Generator[[]float64] {
	value := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, math.NaN(), math.Inf(1), math.MaxFloat64,
		math.SmallestNonzeroFloat64}))
	return rapid.SliceOfN(value, 0, atMost)
}

func TestNothingReturnsNaN(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anything(5).Draw(t, "a"), anything(5).Draw(t, "b")
		rows := rapid.SliceOfN(anything(5), 0, 4).Draw(t, "rows")
		level, power := rapid.Float64Range(0, 1).Draw(t, "level"), rapid.Float64Range(0, 1).Draw(t, "power")
		finite := func(name string, err error, values ...float64) {
			for _, v := range values {
				require.False(t, math.IsNaN(v), "%s: %v %v", name, values, err)
			}
		}
		mean, sd, err := stats.MeanSD(a)
		finite("MeanSD", err, mean, sd)
		for _, e := range effects(a, rows, b) {
			interval, test := e.Interval(level), stats.TwoSided(e, .1)
			finite("Effect", nil, e.Estimate, e.SE, e.DF, e.ImageSE, e.SeedSE, interval.Lo, interval.Hi, test.PEquivalent, test.PDifferent,
				stats.MinimalDetectable(e, level, power))
		}
		auc, err := stats.AUC(a, b)
		finite("AUC", err, auc)
		i, err := stats.AUCInterval(a, b, .9)
		finite("AUCInterval", err, i.Lo, i.Hi)
		p, err := stats.TPRAtFPR(a, b, .1, .9)
		finite("TPRAtFPR", err, p.TPR, p.FPR, p.Threshold)
		ks, err := stats.KolmogorovSmirnov(a, b)
		finite("KS", err, ks.D, ks.P)
		u, err := stats.MannWhitney(a, b)
		finite("MannWhitney", err, u.U, u.PTwo, u.PLess, u.PGreater)
		finite("Holm", nil, stats.Holm(a)...)
		if len(a) == 3 {
			delta, err := stats.GaussianDelta(a[0], a[1], a[2])
			finite("GaussianDelta", err, delta)
			sigma, err := stats.GaussianSigma(a[0], a[1], a[2])
			finite("GaussianSigma", err, sigma)
			power, err := stats.BackdoorTest{Alpha: a[0], Q: a[1], P: a[2], N: 30}.Solve()
			finite("BackdoorTest", err, power.TypeI, power.Beta)
		}
	})
}

func effects(subject []float64, oracles [][]float64, other []float64) []stats.Effect {
	var out []stats.Effect
	if e, err := stats.PairedEffect(subject, oracles); err == nil {
		out = append(out, e)
	}
	if e, err := stats.DifferenceInDifferences(subject, oracles, other, oracles); err == nil {
		out = append(out, e)
	}
	return append(out, stats.Effect{})
}

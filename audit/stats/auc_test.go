package stats_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/golden"
)

func TestAUC(t *testing.T) {
	for name, row := range map[string]struct {
		lower, higher []float64
		want          float64
	}{
		"apart":    {[]float64{1, 2}, []float64{3, 4}, 1},
		"inverted": {[]float64{3, 4}, []float64{1, 2}, 0},
		"all tied": {[]float64{1, 1}, []float64{1, 1, 1}, .5},
		"by hand":  {[]float64{1, 3}, []float64{2, 3, 5}, (3 + 1 + .5) / 6},
	} {
		got, err := stats.AUC(row.lower, row.higher)
		require.NoError(t, err)
		assert.InDelta(t, row.want, got, 1e-15, name)
	}
}

func TestAUCProperties(t *testing.T) {
	// Small whole numbers tie often.
	values := rapid.SliceOfN(rapid.Map(rapid.IntRange(-9, 9), func(i int) float64 { return float64(i) }), 2, 20)
	rapid.Check(t, func(t *rapid.T) {
		a, b := values.Draw(t, "a"), values.Draw(t, "b")
		area, err := stats.AUC(a, b)
		require.NoError(t, err)
		require.InDelta(t, pairwise(a, b), area, 1e-12)
		swapped, err := stats.AUC(b, a)
		require.NoError(t, err)
		require.InDelta(t, 1, area+swapped, 1e-12)
		stretch := func(x []float64) []float64 {
			out := make([]float64, len(x))
			for i, v := range x {
				out[i] = math.Exp(v/3) - 7
			}
			return out
		}
		stretched, err := stats.AUC(stretch(a), stretch(b))
		require.NoError(t, err)
		require.Equal(t, area, stretched)

		i, err := stats.AUCInterval(a, b, .95)
		require.NoError(t, err)
		require.True(t, i.Contains(area))
		require.Greater(t, i.Width(), 0.0, "no sample is certain")
		require.True(t, i.Lo >= 0 && i.Hi <= 1)
		if se := delong(a, b); se > 0 {
			require.InDelta(t, max(0, area-1.959963984540054*se), i.Lo, 1e-9)
			require.InDelta(t, min(1, area+1.959963984540054*se), i.Hi, 1e-9)
		}
	})
}

func pairwise(a, b []float64) float64 {
	var sum float64
	for _, x := range a {
		for _, y := range b {
			switch {
			case x < y:
				sum++
			case x == y:
				sum += .5
			}
		}
	}
	return sum / float64(len(a)*len(b))
}

// delong is the standard error written out over all pairs.
func delong(a, b []float64) float64 {
	variance := func(x []float64) float64 {
		var sum, squares float64
		for _, v := range x {
			sum += v
		}
		for _, v := range x {
			squares += (v - sum/float64(len(x))) * (v - sum/float64(len(x)))
		}
		return squares / float64(len(x)-1) / float64(len(x))
	}
	var ofA, ofB []float64
	for _, x := range a {
		ofA = append(ofA, pairwise([]float64{x}, b))
	}
	for _, y := range b {
		ofB = append(ofB, pairwise(a, []float64{y}))
	}
	if se := math.Sqrt(variance(ofA) + variance(ofB)); se > 1e-12 {
		return se
	}
	return 0
}

func TestAUCIntervalOfPerfectSeparation(t *testing.T) {
	lower, higher := make([]float64, 50), make([]float64, 50)
	for i := range lower {
		lower[i], higher[i] = float64(i), float64(100+i)
	}
	i, err := stats.AUCInterval(lower, higher, .95)
	require.NoError(t, err)
	assert.Equal(t, 1.0, i.Hi)
	// The bound solves (1−A)² = z²·A(1−A)(1 + 49((1−A)/(2−A) + A/(1+A)))/2500, N−1 = 49.
	a := i.Lo
	assert.InDelta(t, (1-a)*(1-a), 1.959963984540054*1.959963984540054*a*(1-a)*(1+49*((1-a)/(2-a)+a/(1+a)))/2500, 1e-12)
	assert.InDelta(t, .95, i.Lo, .03)
}

func TestTPRAtFPR(t *testing.T) {
	non := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, row := range []struct {
		members   []float64
		fpr       float64
		threshold float64
		tp, fp    int
	}{
		{[]float64{0, 9.5, 11, 12}, 0, 10, 2, 0},
		{[]float64{0, 9.5, 11, 12}, .1, 9, 3, 1},
		{[]float64{0, 9.5, 11, 12}, .19, 9, 3, 1},
		{[]float64{9, 9, 9, 9}, .1, 9, 0, 1}, // a tie with the threshold is not called
		{[]float64{0, 9.5, 11, 12}, .3, 7, 3, 3},
		{[]float64{0, 1, 11, 12}, .99, 1, 2, 9},
	} {
		p, err := stats.TPRAtFPR(row.members, non, row.fpr, .95)
		require.NoError(t, err)
		assert.Equal(t, []any{row.threshold, row.tp, row.fp}, []any{p.Threshold, p.TruePositives, p.FalsePositives}, "%+v", row)
		assert.Equal(t, stats.ClopperPearson(row.tp, 4, .95), p.Interval)
	}
}

func TestTPRAtFPRIsTheBestAllowed(t *testing.T) {
	values := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 30), func(i int) float64 { return float64(i) }), 1, 40)
	rapid.Check(t, func(t *rapid.T) {
		members, non := values.Draw(t, "members"), values.Draw(t, "non")
		fpr := rapid.OneOf(rapid.Float64Range(0, .999), rapid.SampledFrom([]float64{0, .01, .1, .2, .3, .5, .7})).Draw(t, "fpr")
		p, err := stats.TPRAtFPR(members, non, fpr, .9)
		require.NoError(t, err)
		require.LessOrEqual(t, p.FPR, fpr)
		for _, threshold := range slices.Concat(members, non, []float64{-1}) {
			share := func(x []float64) float64 {
				n := 0
				for _, v := range x {
					if v > threshold {
						n++
					}
				}
				return float64(n) / float64(len(x))
			}
			if share(non) <= fpr {
				require.LessOrEqual(t, share(members), p.TPR)
			}
		}
	})
}

func TestROCAgreesWithScikitLearnAndMLPrivacyMeter(t *testing.T) {
	seen := 0
	for _, c := range golden.Cases(t, "roc") {
		if c.File == "" {
			continue
		}
		seen++
		score, member := floats(t, c, "score"), bools(t, c, "member")
		var in, out []float64
		for i, m := range member {
			if m {
				in = append(in, score[i])
			} else {
				out = append(out, score[i])
			}
		}
		var want float64
		v := c.Read(t, "auc", &want)
		got, err := stats.AUC(out, in)
		require.NoError(t, err)
		v.Near(t, want, got)
		for name, fpr := range map[string]float64{"tpr_at_fpr_0": 0, "tpr_at_fpr_le_0.001": .001, "tpr_at_fpr_le_0.01": .01,
			"tpr_at_fpr_le_0.1": .1} {
			v := c.Read(t, name, &want)
			p, err := stats.TPRAtFPR(in, out, fpr, .95)
			require.NoError(t, err)
			v.Near(t, want, p.TPR)
		}
	}
	require.Greater(t, seen, 5)
}

func TestROCRefusesBadArguments(t *testing.T) {
	ok := []float64{1, 2}
	for _, bad := range [][]float64{nil, {math.NaN(), 1}} {
		_, err := stats.AUC(bad, ok)
		require.ErrorIs(t, err, stats.ErrSample)
		_, err = stats.AUCInterval(ok, bad, .9)
		require.ErrorIs(t, err, stats.ErrSample)
		_, err = stats.TPRAtFPR(ok, bad, .1, .9)
		require.ErrorIs(t, err, stats.ErrSample)
	}
	_, err := stats.AUCInterval(ok, ok, 1)
	require.ErrorContains(t, err, "level is 1")
	_, err = stats.TPRAtFPR(ok, ok, .1, 0)
	require.ErrorContains(t, err, "level is 0")
	for _, fpr := range []float64{-.1, 1, math.NaN()} {
		_, err = stats.TPRAtFPR(ok, ok, fpr, .9)
		require.ErrorContains(t, err, "fpr is")
	}
}

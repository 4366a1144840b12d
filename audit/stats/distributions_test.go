package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// Values at the ends and in the middle of what the distributions take.
func shares() []float64 {
	return []float64{
		0, 5e-324, 1e-300, 1e-12, 1e-4, .025, .05, .3, .49, math.Nextafter(.5, 0), .5, math.Nextafter(.5, 1), .51, .7,
		.95, .975, 1 - 1e-12, math.Nextafter(1, 0), 1,
	}
}

func degrees() []float64 {
	return []float64{1e-3, .5, 1, 1.5, 2, 3, 4.2, 10, 33, 100, 1e3, 1e4, 1e6, math.Nextafter(normalDF, 0)}
}

func points() []float64 {
	out := []float64{0, math.Copysign(0, -1), math.MaxFloat64, -math.MaxFloat64}
	for _, t := range []float64{5e-324, 1e-9, .1, .5, 1, 1.96, 3, 8, 37, 39, 200, 1e6, 1e160} {
		out = append(out, t, -t)
	}
	return out
}

// same wants the very bits, and so tells 0 from −0.
func same(t require.TestingT, want, got float64, arguments ...any) {
	if math.Float64bits(want) != math.Float64bits(got) {
		require.Equal(t, want, got, "arguments %v", arguments)
		require.Fail(t, "zeros of other signs", "arguments %v", arguments)
	}
}

func TestStudentIsDistuvs(t *testing.T) {
	cdf := func(t require.TestingT, x, df float64) {
		same(t, distuv.StudentsT{Sigma: 1, Nu: df}.CDF(x), studentCDF(x, df), x, df)
	}
	quantile := func(t require.TestingT, p, df float64) {
		same(t, distuv.StudentsT{Sigma: 1, Nu: df}.Quantile(p), studentQuantile(p, df), p, df)
	}
	for _, df := range degrees() {
		for _, x := range points() {
			cdf(t, x, df)
		}
		for _, p := range shares() {
			quantile(t, p, df)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		df := math.Exp(rapid.Float64Range(-3, 20).Draw(t, "log df"))
		cdf(t, rapid.Float64Range(-50, 50).Draw(t, "t"), df)
		quantile(t, rapid.Float64Range(0, 1).Draw(t, "p"), df)
	})
	for _, p := range []float64{-.1, 1.1} {
		assert.Panics(t, func() { distuv.StudentsT{Sigma: 1, Nu: 3}.Quantile(p) })
		assert.Panics(t, func() { studentQuantile(p, 3) })
	}
}

func TestNoncentralIsDistuvs(t *testing.T) {
	equal := func(t require.TestingT, x, df, delta float64) {
		same(t, distuv.NoncentralT{Nu: df, Mu: delta}.CDF(x), noncentralCDF(x, df, delta), x, df, delta)
	}
	for _, df := range degrees() {
		for _, delta := range points() {
			for _, x := range points() {
				if far := math.Exp(-.5*delta*delta) == 0; x >= 0 || !far {
					equal(t, x, df, delta)
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		df := math.Exp(rapid.Float64Range(-3, 12).Draw(t, "log df"))
		equal(t, rapid.Float64Range(-50, 50).Draw(t, "t"), df, rapid.Float64Range(-38, 38).Draw(t, "delta"))
		equal(t, rapid.Float64Range(0, 50).Draw(t, "t of any delta"), df, rapid.Float64Range(-1e3, 1e3).Draw(t, "any delta"))
	})
}

// Below 0 and far from the centre gonum 0.17.0 answers with the other tail: P(T ≤ −1) is 1 there at δ = 40.
func TestNoncentralFarBelowZero(t *testing.T) {
	assert.InDelta(t, 0, noncentralCDF(-1, 5, 40), 1e-12)
	assert.InDelta(t, 1, noncentralCDF(-1, 5, -40), 1e-12)
	assert.InDelta(t, noncentralCDF(-40, 1e4, -38), noncentralCDF(-40.95, 1e4, -39), 1e-2, "on either side of where the series ends")
}

func TestBinomialIsDistuvs(t *testing.T) {
	equal := func(t require.TestingT, k, n, p float64) {
		want, got := distuv.Binomial{N: n, P: p}, binomialLaw{n: n, p: p}
		same(t, want.Prob(k), got.Prob(k), k, n, p)
		same(t, want.CDF(k), got.CDF(k), k, n, p)
	}
	for _, n := range []float64{1, 2, 7, 40, 1000} {
		for _, p := range shares()[1 : len(shares())-1] {
			for k := -1.0; k <= n+1; k += .5 {
				equal(t, k, n, p)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 100_000).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		equal(t, float64(k), float64(n), rapid.Float64Range(1e-9, 1-1e-9).Draw(t, "p"))
	})
}

func TestBetaAndNormalAreDistuvs(t *testing.T) {
	shapes := []float64{.5, 1, 2, 7.5, 40, 1e3, 1e5}
	for _, a := range shapes {
		for _, b := range shapes {
			for _, p := range shares() {
				same(t, distuv.Beta{Alpha: a, Beta: b}.Quantile(p), betaQuantile(p, a, b), p, a, b)
			}
		}
	}
	normal := distuv.Normal{Sigma: 1}
	for _, x := range points() {
		same(t, normal.CDF(x), normalCDF(x), x)
	}
	for _, p := range shares() {
		same(t, normal.Quantile(p), normalQuantile(p), p)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := math.Exp(rapid.Float64Range(-1, 12).Draw(t, "log a"))
		b := math.Exp(rapid.Float64Range(-1, 12).Draw(t, "log b"))
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		same(t, distuv.Beta{Alpha: a, Beta: b}.Quantile(p), betaQuantile(p, a, b), p, a, b)
		same(t, normal.Quantile(p), normalQuantile(p), p)
		x := rapid.Float64Range(-40, 40).Draw(t, "x")
		same(t, normal.CDF(x), normalCDF(x), x)
	})
}

package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/golden"
)

func TestGaussianSigma(t *testing.T) {
	// want: bisection in 60 decimal digits. published: BorjaBalle/
	// analytic-gaussian-mechanism agm-example.py, which stops within 1e-12 of delta; at
	// delta = 1e-6 that leaves σ right to 1e-7 only.
	for _, row := range []struct{ eps, delta, sensitivity, want, published, tol float64 }{
		{1, 1e-5, 1, 3.73063163481594183, 3.730631635, 1e-8},
		{.5, 1e-5, 1, 7.03182667558249144, 7.031826675, 1e-8},
		{4, 1e-6, 2, 2.38703717431597041, 2.387037241, 1e-7},
		{.1, 1e-3, 1, 17.4043962030311671, 17.404396204, 1e-8},
	} {
		got, err := stats.GaussianSigma(row.eps, row.delta, row.sensitivity)
		require.NoError(t, err)
		assert.InEpsilon(t, row.want, got, 1e-12)
		assert.InDelta(t, row.published, got, row.tol)
		delta, err := stats.GaussianDelta(row.eps, row.published, row.sensitivity)
		require.NoError(t, err)
		assert.InDelta(t, row.delta, delta, 1e-12)
	}
}

func TestGaussianDelta(t *testing.T) {
	for _, row := range []struct{ eps, sigma, want float64 }{
		{1, 1, .126936737506643946}, // agm-example.py: .1269367375; 60 digits
		{0, 1, .3829249225},         // total variation of two normals a distance 1 apart
	} {
		got, err := stats.GaussianDelta(row.eps, row.sigma, 1)
		require.NoError(t, err)
		assert.InDelta(t, row.want, got, 1e-10)
	}
	for _, row := range []struct{ eps, sigma, want float64 }{
		{1e4, 1e4, 0}, {700, 1, 0}, {1e300, 1e300, 0}, {1, 1e-300, 1}, {0, 1e308, 0},
	} {
		got, err := stats.GaussianDelta(row.eps, row.sigma, 1)
		require.NoError(t, err)
		assert.InDelta(t, row.want, got, 1e-9, "%+v", row)
	}
	// ½·exp(−(a−b)²/2)·(erfcx((b−a)/√2) − erfcx((a+b)/√2)) by hand with a = ½, b = 20 and
	// Mills' ratio R(x) = 1/x − 1/x³ + 3/x⁵ − …: φ(19.5)·(R(19.5) − R(20.5)).
	mills := func(x float64) float64 { return 1/x - 1/math.Pow(x, 3) + 3/math.Pow(x, 5) - 15/math.Pow(x, 7) }
	want := math.Exp(-19.5*19.5/2) / math.Sqrt(2*math.Pi) * (mills(19.5) - mills(20.5))
	got, err := stats.GaussianDelta(20, 1, 1)
	require.NoError(t, err)
	assert.InEpsilon(t, want, got, 1e-5)
}

func TestGaussianSigmaAgreesWithReferences(t *testing.T) {
	c := golden.Find(t, "gaussian_mechanism", "sigma_grid")
	var rows []struct {
		Epsilon     float64
		Delta       float64
		Sensitivity float64
		Mpmath      float64 `json:"analytic_mpmath60"`
		DiffPrivLib float64 `json:"analytic_diffprivlib"`
	}
	c.Read(t, "table", &rows)
	require.Greater(t, len(rows), 10)
	for _, row := range rows {
		got, err := stats.GaussianSigma(row.Epsilon, row.Delta, row.Sensitivity)
		require.NoError(t, err)
		// 60-digit bisection of the same theorem.
		assert.InEpsilon(t, row.Mpmath, got, 1e-9, "%+v", row)
		assert.InEpsilon(t, row.DiffPrivLib, got, 1e-6, "%+v", row)
	}
}

func TestGaussianProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eps := rapid.Float64Range(0, 20).Draw(t, "eps")
		delta := math.Exp(rapid.Float64Range(-25, -.5).Draw(t, "log delta"))
		sensitivity := math.Exp(rapid.Float64Range(-5, 5).Draw(t, "log sensitivity"))
		sigma, err := stats.GaussianSigma(eps, delta, sensitivity)
		require.NoError(t, err)
		back, err := stats.GaussianDelta(eps, sigma, sensitivity)
		require.NoError(t, err)
		require.LessOrEqual(t, back, delta*(1+1e-10), "on the private side")
		require.InEpsilon(t, delta, back, 1e-9)
		noisier, err := stats.GaussianDelta(eps, sigma*1.01, sensitivity)
		require.NoError(t, err)
		require.Less(t, noisier, back)
		stricter, err := stats.GaussianSigma(eps+.1, delta, sensitivity)
		require.NoError(t, err)
		require.Less(t, stricter, sigma)
	})
}

func TestGaussianRefusesBadArguments(t *testing.T) {
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err := stats.GaussianDelta(bad, 1, 1)
		require.ErrorContains(t, err, "epsilon")
		_, err = stats.GaussianDelta(1, bad, 1)
		require.ErrorContains(t, err, "sigma")
		_, err = stats.GaussianDelta(1, 1, bad)
		require.ErrorContains(t, err, "sensitivity")
		_, err = stats.GaussianSigma(1, bad, 1)
		require.ErrorContains(t, err, "delta")
		_, err = stats.GaussianSigma(bad, .1, 1)
		require.ErrorContains(t, err, "epsilon")
	}
	_, err := stats.GaussianSigma(.01, 1e-5, math.MaxFloat64)
	require.ErrorContains(t, err, "no finite sigma")
}

// ε inverts δ: at the least ε the mechanism has δ, and σ for that ε is the σ it began with. Composition of c mechanisms
// is one of √c times the sensitivity, never worse than adding ε and δ.
func TestGaussianEpsilonInverts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sigma := rapid.Float64Range(0.2, 20).Draw(t, "sigma")
		delta := math.Exp(-rapid.Float64Range(1, 25).Draw(t, "-ln delta"))
		eps, err := stats.GaussianEpsilon(delta, sigma, 1)
		require.NoError(t, err)
		back, err := stats.GaussianDelta(eps, sigma, 1)
		require.NoError(t, err)
		assert.LessOrEqual(t, back, delta)
		if eps > 1e-6 {
			assert.InEpsilon(t, delta, back, 1e-6)
		}
		four, err := stats.GaussianEpsilon(delta, sigma, 2)
		require.NoError(t, err)
		quarter, err := stats.GaussianEpsilon(delta/4, sigma, 1)
		require.NoError(t, err)
		assert.LessOrEqual(t, four, 4*quarter+1e-9)
		assert.GreaterOrEqual(t, four, eps)
	})
}

func TestGaussianEpsilonRefuses(t *testing.T) {
	for _, x := range [][3]float64{{0, 1, 1}, {1, 1, 1}, {0.1, 0, 1}, {0.1, math.Inf(1), 1}, {0.1, 1, 0}, {math.NaN(), 1, 1}} {
		_, err := stats.GaussianEpsilon(x[0], x[1], x[2])
		assert.Error(t, err, "%v", x)
	}
}

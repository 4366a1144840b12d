package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// The distributions that this package needs, on the incomplete beta function of gonum's mathext. gonum's distuv has
// them too and brings matrices and LAPACK along, which whoever builds the verifier would have to compile and trust.
// A test holds these to distuv bit by bit, so the order of their operations matters.

// normalQuantile returns Φ⁻¹(p).
func normalQuantile(p float64) float64 { return mathext.NormalQuantile(p) }

// normalCDF returns Φ(x) = erfc(−x/√2)/2. It is accurate in the lower tail too.
func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// betaQuantile returns the x in [0, 1] at which I_x(a, b) is p, for a, b > 0 and p from 0 to 1.
func betaQuantile(p, a, b float64) float64 { return mathext.InvRegIncBeta(a, b, p) }

// normalDF is where Student's t and the normal agree beyond 1e-9 and the
// incomplete beta function loses more than that.
const normalDF = 1e9

// studentCDF returns P(T ≤ t) for Student's T with df > 0 degrees of freedom: its tail beyond |t| on one side is
// ½·I_x(df/2, ½) at x = df/(df+t²).
//
// Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.1 and 26.5.27.
func studentCDF(t, df float64) float64 {
	switch {
	case math.IsInf(t, -1):
		return 0
	case math.IsInf(t, 1):
		return 1
	case df >= normalDF:
		return normalCDF(t)
	case t == 0:
		return 0.5
	}
	tail := mathext.RegIncBeta(df/2, 0.5, df/(t*t+df)) / 2
	if t > 0 {
		return 1 - tail
	}
	return tail
}

// studentQuantile returns the t at which [studentCDF] is p, for p from 0 to 1: with x the beta quantile of the two
// tails together, |t| = √(df·(1−x)/x).
func studentQuantile(p, df float64) float64 {
	switch {
	case df >= normalDF:
		return normalQuantile(p)
	case p == 0.5:
		return 0
	}
	x := betaQuantile(2*min(p, 1-p), df/2, 0.5)
	size := math.Sqrt(df * (1 - x) / x)
	if p > 0.5 {
		return size
	}
	return 0 - size // not −size, which may be −0
}

// noncentralCDF returns P(T ≤ t) for the noncentral T = (Z+δ)/√(χ²/df) with df > 0 degrees of freedom. For t ≥ 0,
// with x = t²/(t²+df) and λ = δ², it is
//
//	Φ(−δ) + Σ_j [p_j·I_x(j+½, df/2) + q_j·I_x(j+1, df/2)],
//	p_j = ½·e^(−λ/2)·(λ/2)^j / j!,   q_j = δ/(2√2)·e^(−λ/2)·(λ/2)^j / Γ(j+3/2),
//
// to 1e-12; for t < 0 it is 1 − P(T ≤ −t) at −δ. Where e^(−λ/2) underflows, |δ| > 38, it is the normal's
// approximation, 26.7.10 of Abramowitz and Stegun.
//
// Source: Lenth, Algorithm AS 243, Applied Statistics 38 (1989).
func noncentralCDF(t, df, delta float64) float64 {
	if t < 0 {
		return 1 - noncentralCDF(-t, df, -delta)
	}
	lambda := delta * delta
	p := 0.5 * math.Exp(-0.5*lambda)
	if p == 0 {
		return normalCDF((t*(1-1/(4*df)) - delta) / math.Sqrt(1+t*t/(2*df)))
	}
	return noncentralSeries(t*t/(t*t+df), df/2, delta, p) + normalCDF(-delta)
}

// noncentralSeries returns the sum of [noncentralCDF] with b = df/2, where p is p_0. From one term to the next the
// incomplete betas fall by x^a·(1−x)^b / (a·B(a, b)) for a = j+½ and a = j+1: these steps are carried along, for a
// factor each is cheaper than a beta function. The conversions to float64 keep a product from being fused with a sum.
func noncentralSeries(x, b, delta, p float64) float64 {
	const terms, small = 1000, 1e-12
	lambda := delta * delta
	q := math.Sqrt(2/math.Pi) * p * delta
	rest := 0.5 - p // of Σ p_j
	power := math.Pow(1-x, b)
	logBeta := math.Log(math.Sqrt(math.Pi)) + logGamma(b) - logGamma(0.5+b)

	half, halfStep := mathext.RegIncBeta(0.5, b, x), 2*power*math.Exp(float64(0.5*math.Log(x))-logBeta)
	whole, wholeStep := 1-power, b*x*power
	sum := float64(p*half) + float64(q*whole)
	for j := 1.0; j <= terms; j++ {
		a := j + 0.5
		half -= halfStep
		whole -= wholeStep
		halfStep *= x * (a + b - 1) / a
		wholeStep *= x * (a + b - 0.5) / (a + 0.5)
		p *= lambda / (2 * j)
		q *= lambda / (2*j + 1)
		rest -= p
		sum += float64(p*half) + float64(q*whole)
		if bound := 2 * rest * (half - halfStep); math.Abs(bound) < small || rest < 0 { // below 0 is rounding
			break
		}
	}
	return sum
}

// binomialLaw is the number of successes in n ≥ 1 independent trials that each succeed with probability p, 0 < p < 1.
type binomialLaw struct{ n, p float64 }

// Prob returns P(K = k) = C(n, k)·p^k·(1−p)^(n−k).
func (b binomialLaw) Prob(k float64) float64 {
	if k < 0 || k > b.n || k != math.Floor(k) {
		return 0
	}
	ways := logGamma(b.n+1) - logGamma(k+1) - logGamma(b.n-k+1)
	return math.Exp(ways + k*math.Log(b.p) + (b.n-k)*math.Log(1-b.p))
}

// CDF returns P(K ≤ k) = I_{1−p}(n−⌊k⌋, ⌊k⌋+1).
func (b binomialLaw) CDF(k float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= b.n:
		return 1
	}
	k = math.Floor(k)
	return mathext.RegIncBeta(b.n-k, k+1, 1-b.p)
}

// logGamma returns ln Γ(x) for x > 0.
func logGamma(x float64) float64 {
	y, _ := math.Lgamma(x) // the sign, always 1 here
	return y
}

package stats

import (
	"fmt"
	"math"
)

// GaussianDelta returns the least δ for which the Gaussian mechanism with noise
// N(0, σ²) on a query of the L2 sensitivity given is (ε, δ)-private, for any ε ≥ 0:
//
//	δ = Φ(Δ/2σ − εσ/Δ) − e^ε·Φ(−Δ/2σ − εσ/Δ)
//
// Source: Balle and Wang, ICML 2018, Theorem 8.
func GaussianDelta(eps, sigma, sensitivity float64) (float64, error) {
	if err := checkGaussian(eps, sensitivity); err != nil {
		return 0, err
	}
	if !(sigma > 0) || math.IsInf(sigma, 1) {
		return 0, fmt.Errorf("gaussian mechanism: sigma is %v, give a finite one above 0", sigma)
	}
	return gaussianDelta(eps, sigma/sensitivity), nil
}

// GaussianSigma returns the least noise scale σ with which the Gaussian mechanism is
// (ε, δ)-private for a query of the L2 sensitivity given, by bisection of
// [GaussianDelta] to the last digit, on the private side. 0 < δ < 1.
func GaussianSigma(eps, delta, sensitivity float64) (float64, error) {
	if err := checkGaussian(eps, sensitivity); err != nil {
		return 0, err
	}
	if !isLevel(delta) {
		return 0, fmt.Errorf("gaussian mechanism: delta is %v, give one between 0 and 1", delta)
	}
	lo, hi := 1.0, 1.0
	for gaussianDelta(eps, lo) <= delta && lo > 1e-300 {
		lo /= 2
	}
	for gaussianDelta(eps, hi) > delta && hi < 1e300 {
		hi *= 2
	}
	for middle := lo + (hi-lo)/2; lo < middle && middle < hi; middle = lo + (hi-lo)/2 {
		if gaussianDelta(eps, middle) > delta {
			lo = middle
		} else {
			hi = middle
		}
	}
	sigma := hi * sensitivity
	if math.IsInf(sigma, 0) || sigma == 0 {
		return 0, fmt.Errorf("gaussian mechanism: no finite sigma for epsilon %v, delta %v, sensitivity %v", eps, delta, sensitivity)
	}
	return sigma, nil
}

// GaussianEpsilon returns the least ε ≥ 0 for which the Gaussian mechanism with noise N(0, σ²) is (ε, δ)-private for a
// query of the L2 sensitivity given, by bisection of [GaussianDelta] to the last digit, on the private side. 0 < δ < 1.
//
// c mechanisms of one sensitivity, one after the other, are one of √c times that sensitivity: composition of Gaussian
// mechanisms is exact (Dong, Roth, Su, arXiv 1905.02383, corollary 3.3).
func GaussianEpsilon(delta, sigma, sensitivity float64) (float64, error) {
	if err := checkGaussian(0, sensitivity); err != nil {
		return 0, err
	}
	if !isLevel(delta) || !(sigma > 0) || math.IsInf(sigma, 1) {
		return 0, fmt.Errorf("gaussian mechanism: delta is %v and sigma %v, give one between 0 and 1, and a finite one above 0", delta, sigma)
	}
	scale := sigma / sensitivity
	if gaussianDelta(0, scale) <= delta {
		return 0, nil
	}
	lo, hi := 0.0, 1.0
	for gaussianDelta(hi, scale) > delta && hi < 1e300 {
		lo, hi = hi, hi*2
	}
	for middle := lo + (hi-lo)/2; lo < middle && middle < hi; middle = lo + (hi-lo)/2 {
		if gaussianDelta(middle, scale) > delta {
			lo = middle
		} else {
			hi = middle
		}
	}
	if hi >= 1e300 {
		return 0, fmt.Errorf("gaussian mechanism: no finite epsilon for delta %v, sigma %v, sensitivity %v", delta, sigma, sensitivity)
	}
	return hi, nil
}

// gaussianDelta is δ at sensitivity 1. With a = 1/2σ and b = εσ, ab = ε/2, so that
// e^ε·Φ(−a−b) = ½·exp(−(a−b)²/2)·erfcx((a+b)/√2): e^ε never stands alone.
func gaussianDelta(eps, sigma float64) float64 {
	switch {
	case sigma == 0:
		return 1
	case math.IsInf(sigma, 1):
		return 0
	}
	a, b := 1/(2*sigma), eps*sigma
	if b == 0 {
		return math.Erf(a / math.Sqrt2)
	}
	bell := math.Exp(-(a-b)*(a-b)/2) / 2
	switch {
	case bell == 0:
		return normalCDF(a - b)
	case a < nearlyEqual:
		// The two terms differ in the last digits alone: take the derivative of erfcx,
		// 2x·erfcx(x) − 2/√π, times the step.
		x := b / math.Sqrt2
		return max(0, bell*a*math.Sqrt2*(2/math.Sqrt(math.Pi)-2*x*erfcx(x)))
	}
	return min(1, max(0, normalCDF(a-b)-bell*erfcx((a+b)/math.Sqrt2)))
}

// nearlyEqual is the Δ/2σ below which a first-order difference is the closer one:
// both ways are good to 1e-10.
const nearlyEqual = 1e-5

// erfcx returns exp(x²)·erfc(x) for x ≥ 0, above 20 by Laplace's continued
// fraction, which eight terms carry to 1e-16 there.
func erfcx(x float64) float64 {
	if x < 20 {
		return math.Exp(x*x) * math.Erfc(x)
	}
	fraction := x
	for k := 8.0; k >= 1; k-- {
		fraction = x + k/2/fraction
	}
	return 1 / (math.Sqrt(math.Pi) * fraction)
}

func checkGaussian(eps, sensitivity float64) error {
	if !(eps >= 0) || math.IsInf(eps, 1) {
		return fmt.Errorf("gaussian mechanism: epsilon is %v, give a finite one of at least 0", eps)
	}
	if !(sensitivity > 0) || math.IsInf(sensitivity, 1) {
		return fmt.Errorf("gaussian mechanism: sensitivity is %v, give a finite one above 0", sensitivity)
	}
	return nil
}

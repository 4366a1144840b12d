package stats

import (
	"fmt"
	"math"
)

// RenyiEpsilon returns ε of a mechanism whose Rényi divergence of every order α > 1 is at most ρ·α (ρ-zCDP), at δ:
//
//	ε = min over α of ρα + log((α−1)/α) − (log δ + log α)/(α−1)
//
// ρ > 0, 0 < δ < 1. The Gaussian mechanism has ρ = Δ²/2σ², for which [GaussianEpsilon] is the exact, smaller number.
// Source: Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), proposition 12.
func RenyiEpsilon(rho, delta float64) (float64, error) {
	if !(rho > 0) || math.IsInf(rho, 1) || !isLevel(delta) {
		return 0, fmt.Errorf("rényi accountant: rho is %v and delta %v, give a finite one above 0, and one between 0 and 1", rho, delta)
	}
	at := func(u float64) float64 { // α = 1 + e^u
		a := math.Exp(u)
		return rho*(1+a) + u - math.Log1p(a) - (math.Log(delta)+math.Log1p(a))/a
	}
	lo, hi := -50.0, 50.0
	for range 200 {
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		if at(a) < at(b) {
			hi = b
		} else {
			lo = a
		}
	}
	return max(0, at((lo+hi)/2)), nil
}

// RenyiRho returns the largest ρ whose [RenyiEpsilon] at δ is at most ε, by bisection.
func RenyiRho(eps, delta float64) (float64, error) {
	if !(eps > 0) || math.IsInf(eps, 1) || !isLevel(delta) {
		return 0, fmt.Errorf("rényi accountant: epsilon is %v and delta %v, give a finite one above 0, and one between 0 and 1", eps, delta)
	}
	lo, hi := 0.0, 1.0
	above := func(rho float64) bool {
		e, err := RenyiEpsilon(rho, delta)
		return err != nil || e > eps
	}
	for !above(hi) {
		lo, hi = hi, 2*hi
	}
	for middle := lo + (hi-lo)/2; lo < middle && middle < hi; middle = lo + (hi-lo)/2 {
		if above(middle) {
			hi = middle
		} else {
			lo = middle
		}
	}
	if lo == 0 {
		return 0, fmt.Errorf("rényi accountant: no rho for epsilon %v and delta %v", eps, delta)
	}
	return lo, nil
}

// NoisyDescent is T steps x ← (1 − γλ)·x − γ·clip(g(x), C1) + N(0, σ²) from a start in the ball of radius C0, the same
// gradients g for either start: noisy fine-tuning (Koloskova et al. 2025, arXiv 2506.06985, algorithm 1).
type NoisyDescent struct {
	Steps  int     // T
	Rate   float64 // γ
	Decay  float64 // λ, with γλ < 1
	Radius float64 // C0
	Clip   float64 // C1
}

// Shift is √(Σ a_t²) for the cheapest way to absorb the distance of two runs in the noise. Two starts are z_0 = 2·C0
// apart at most, a step takes z to c·z + s with c = 1 − γλ and s = 2γC1, of which the noise absorbs a_t; all must be
// absorbed by the end, Σ c^(T−1−t)·a_t = D = c^T·z_0 + s·Σ c^k, and Σ a_t² is least for a_t proportional to c^(T−1−t):
//
//	Shift = D / √(Σ_{k<T} c^2k)
//
// The Rényi divergence of order α of the two runs is at most α·Shift²/2σ², and the loss is not asked to be smooth or
// convex. Source: Feldman et al. 2018 (arXiv 1808.06651), theorem 22, with c·z + s in the place of a contraction.
func (n NoisyDescent) Shift() (float64, error) {
	c := 1 - n.Rate*n.Decay
	if n.Steps < 1 || !(n.Rate > 0 && n.Decay >= 0 && n.Radius >= 0 && n.Clip >= 0 && c > 0) {
		return 0, fmt.Errorf("noisy descent: %+v: want steps and a rate above 0, a decay below 1/rate, a radius and a clip not below 0", n)
	}
	var distance, squares float64
	for k := range n.Steps {
		p := math.Pow(c, float64(k))
		distance += 2 * n.Rate * n.Clip * p
		squares += p * p
	}
	distance += math.Pow(c, float64(n.Steps)) * 2 * n.Radius
	return distance / math.Sqrt(squares), nil
}

// Sigma is the noise of every step with which two runs are (ε, δ)-close.
func (n NoisyDescent) Sigma(eps, delta float64) (float64, error) {
	shift, err := n.Shift()
	if err != nil {
		return 0, err
	}
	rho, err := RenyiRho(eps, delta)
	if err != nil {
		return 0, err
	}
	return shift / math.Sqrt(2*rho), nil
}

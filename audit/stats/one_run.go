package stats

import (
	"fmt"
	"math"
)

// OneRun is an audit of (ε, δ)-privacy by one run (Steinke, Nasr & Jagielski 2023, arXiv 2305.08846): of M examples each
// was in or out by a fair coin of its own; Guesses of the coins were guessed, and Right of the guesses were.
type OneRun struct {
	M, Guesses, Right int
}

func (r OneRun) check() error {
	if r.M < 1 || r.Guesses < 0 || r.Guesses > r.M || r.Right < 0 || r.Right > r.Guesses {
		return fmt.Errorf("one-run audit: %d right of %d guesses of %d examples: want no more of each than of the next", r.Right, r.Guesses, r.M)
	}
	return nil
}

// P is a bound on the probability of as many right guesses, or more, if the algorithm is (ε, δ)-private (theorem 5.2):
//
//	β + 2Mδα,  β = P[B ≥ right],  α = max_i P[right > B ≥ right−i] / i,  B ~ Bin(guesses, 1/(1+e^−ε)).
//
// ε ≥ 0 and δ in [0, 1].
func (r OneRun) P(epsilon, delta float64) (float64, error) {
	if err := r.check(); err != nil {
		return 0, err
	}
	if !(epsilon >= 0) || !(delta >= 0 && delta <= 1) {
		return 0, fmt.Errorf("one-run audit: epsilon %v and delta %v: want at least 0, and a probability", epsilon, delta)
	}
	q := 1 / (1 + math.Exp(-epsilon))
	v, n := r.Right, r.Guesses
	beta := binomialAbove(v-1, n, q)
	if delta == 0 {
		return min(1, beta), nil
	}
	alpha, sum, guesses := 0.0, 0.0, binomial(n, q)
	for i := 1; i <= v; i++ {
		sum += guesses.Prob(float64(v - i))
		alpha = max(alpha, sum/float64(i))
	}
	return min(1, beta+2*float64(r.M)*delta*alpha), nil
}

// Epsilon is the largest ε that is refuted at level p: a lower bound on the algorithm's ε that holds with probability
// 1−p. It is 0 where nothing is refuted, and +Inf where every ε is.
func (r OneRun) Epsilon(delta, p float64) (float64, error) {
	if !(p > 0 && p < 1) {
		return 0, fmt.Errorf("one-run audit: level %v: want a probability, such as 0.05", p)
	}
	refuted := func(epsilon float64) (bool, error) {
		v, err := r.P(epsilon, delta)
		return v <= p, err
	}
	if ok, err := refuted(0); err != nil || !ok {
		return 0, err
	}
	hi := 1.0
	for {
		ok, err := refuted(hi)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		if hi *= 2; hi > 700 {
			return math.Inf(1), nil
		}
	}
	lo := 0.0
	for range 100 {
		mid := (lo + hi) / 2
		ok, err := refuted(mid)
		if err != nil {
			return 0, err
		}
		if ok {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo, nil
}

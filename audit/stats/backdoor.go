package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// BackdoorTest is the hypothesis test of a backdoor audit with N trigger queries.
// Under H0, "deleted", each succeeds with probability Q, measured on retrained
// models; under H1, "not deleted", with P, measured on the original. Alpha is the
// greatest accepted probability to accuse a model that deleted.
//
// Source: Sommer et al., "Athena", arXiv 2003.04247, with the threshold as in the
// paper's rule: the script behind its power curves counts one query too few in β.
type BackdoorTest struct {
	Alpha float64 `json:"alpha"`
	Q     float64 `json:"q"`
	P     float64 `json:"p"`
	N     int     `json:"n"`
}

// BackdoorPower says what a [BackdoorTest] can do.
type BackdoorPower struct {
	Threshold int     `json:"threshold"` // "deleted" is rejected where successes > Threshold
	TypeI     float64 `json:"typeI"`     // P[Bin(N,Q) > Threshold], at most Alpha
	Beta      float64 `json:"beta"`      // P[Bin(N,P) ≤ Threshold]: a backdoor is overlooked
}

// Solve returns the least threshold t with P[Bin(N,Q) ≤ t] ≥ 1−Alpha, the type-I
// error P[Bin(N,Q) > t] and β = P[Bin(N,P) ≤ t]. Where P is near Q, β is near 1−Alpha:
// the test has no power and its silence vouches for nobody.
func (b BackdoorTest) Solve() (BackdoorPower, error) {
	if err := b.check(); err != nil {
		return BackdoorPower{}, err
	}
	// Survival functions: 1−CDF would round to 0 long before Alpha = 0 may.
	lo, hi := 0, b.N
	for lo < hi {
		middle := lo + (hi-lo)/2
		if binomialAbove(middle, b.N, b.Q) <= b.Alpha {
			hi = middle
		} else {
			lo = middle + 1
		}
	}
	return BackdoorPower{
		Threshold: lo,
		TypeI:     binomialAbove(lo, b.N, b.Q),
		Beta:      binomialUpTo(lo, b.N, b.P),
	}, nil
}

// Overlooked is the test's power curve: β with 1, 2, … most queries, N ignored.
func (b BackdoorTest) Overlooked(most int) ([]float64, error) {
	var out []float64
	for b.N = 1; b.N <= most; b.N++ {
		power, err := b.Solve()
		if err != nil {
			return nil, err
		}
		out = append(out, power.Beta)
	}
	return out, nil
}

// QueriesNeeded returns a number of queries, up to a million, at which β is at most
// beta, with Alpha, Q and P as they are and N ignored: the least up to 100, within
// some 1 % of it above, for β saws as the threshold steps. ok is false where there
// is none, as with P ≤ Q.
func (b BackdoorTest) QueriesNeeded(beta float64) (n int, ok bool) {
	b.N = 1
	if b.check() != nil || b.P <= b.Q || !isLevel(beta) {
		return 0, false
	}
	return least(1, most, func(n int) bool {
		b.N = n
		power, err := b.Solve()
		return err == nil && power.Beta <= beta
	})
}

func (b BackdoorTest) check() error {
	rate := func(v float64) bool { return v >= 0 && v <= 1 }
	switch {
	case b.N < 1:
		return fmt.Errorf("backdoor test: n is %d, give at least one query", b.N)
	case !rate(b.Q) || !rate(b.P):
		return fmt.Errorf("backdoor test: q is %v and p is %v, give rates from 0 to 1", b.Q, b.P)
	case !(b.Alpha >= 0 && b.Alpha < 1):
		return fmt.Errorf("backdoor test: alpha is %v, give one from 0 to below 1", b.Alpha)
	}
	return nil
}

// binomialAbove returns P[Bin(n,p) > t] = I_p(t+1, n−t).
func binomialAbove(t, n int, p float64) float64 {
	switch {
	case t >= n:
		return 0
	case t < 0:
		return 1
	}
	return mathext.RegIncBeta(float64(t)+1, float64(n-t), p)
}

// binomialUpTo returns P[Bin(n,p) ≤ t] = I_{1−p}(n−t, t+1).
func binomialUpTo(t, n int, p float64) float64 {
	switch {
	case t >= n:
		return 1
	case t < 0:
		return 0
	}
	return math.Max(0, mathext.RegIncBeta(float64(n-t), float64(t)+1, 1-p))
}

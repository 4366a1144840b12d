package stats

import (
	"fmt"
	"math"
)

// Remembered asks how many members of a whole, finite set a model still remembers, when a detector looked at every
// one of them: Hits of N were called remembered. The detector calls a remembered one with probability TPR and a
// forgotten one with FPR, independently.
//
// With m remembered, Hits is distributed as Bin(m, TPR) + Bin(N−m, FPR). All N were looked at, so no member is
// missed for want of sampling, and the bounds on m are tighter than an interval for a rate: with TPR 0.9, FPR 0 and
// no hit, at most 1 is remembered at 95 %, whatever N.
type Remembered struct {
	N, Hits  int
	TPR, FPR float64
}

// check refuses a detector that does not detect.
func (r Remembered) check() error {
	if r.N < 1 || r.Hits < 0 || r.Hits > r.N {
		return fmt.Errorf("remembered: %d hits of %d: want 0 to N", r.Hits, r.N)
	}
	if !(r.FPR >= 0 && r.FPR < r.TPR && r.TPR <= 1) {
		return fmt.Errorf("remembered: rates %v of the remembered and %v of the forgotten: the first must be larger", r.TPR, r.FPR)
	}
	return nil
}

// Share is the moment estimate (Hits/N − FPR)/(TPR − FPR), cut to [0, 1].
func (r Remembered) Share() (float64, error) {
	if err := r.check(); err != nil {
		return 0, err
	}
	return min(1, max(0, (float64(r.Hits)/float64(r.N)-r.FPR)/(r.TPR-r.FPR))), nil
}

// AtMost is the probability of Hits or fewer if m are remembered; it falls with m.
func (r Remembered) AtMost(m int) float64 {
	p := 0.0
	for k := 0; k <= min(m, r.Hits); k++ { // k true hits, at most Hits−k false ones
		p += binomial(m, r.TPR).Prob(float64(k)) * binomial(r.N-m, r.FPR).CDF(float64(r.Hits-k))
	}
	return min(1, p)
}

// AtLeast is the probability of Hits or more if m are remembered; it grows with m.
func (r Remembered) AtLeast(m int) float64 {
	if r.Hits == 0 {
		return 1
	}
	fewer := r
	fewer.Hits--
	return max(0, 1-fewer.AtMost(m))
}

// Test asks whether at most the share margin of the N is remembered. PEquivalent is the largest probability of so
// few hits if more were, PDifferent that of so many if no more were.
func (r Remembered) Test(margin float64) (Test, error) {
	if err := r.check(); err != nil {
		return Test{PEquivalent: 1, PDifferent: 1}, err
	}
	if !(margin >= 0 && margin < 1) {
		return Test{PEquivalent: 1, PDifferent: 1}, fmt.Errorf("remembered: margin %v: want a share from 0 to below 1", margin)
	}
	allowed := int(math.Floor(margin * float64(r.N)))
	return Test{PEquivalent: r.AtMost(allowed + 1), PDifferent: r.AtLeast(allowed)}, nil
}

// Bounds are the smallest and the largest share that the hits do not refute, each at (1 − level)/2, as
// Clopper–Pearson's are.
func (r Remembered) Bounds(level float64) (Interval, error) {
	if err := r.check(); err != nil {
		return Interval{}, err
	}
	tail := (1 - level) / 2
	lo, hi := 0, r.N
	for lo < r.N && r.AtLeast(lo) < tail {
		lo++
	}
	for hi > lo && r.AtMost(hi) < tail {
		hi--
	}
	n := float64(r.N)
	return Interval{Lo: float64(lo) / n, Hi: float64(hi) / n, Level: level}, nil
}

// binomial also serves n = 0 and p of 0 or 1.
func binomial(n int, p float64) interface {
	Prob(float64) float64
	CDF(float64) float64
} {
	switch {
	case n == 0 || p == 0:
		return sure(0)
	case p == 1:
		return sure(n)
	}
	return binomialLaw{n: float64(n), p: p}
}

// sure is the distribution of a constant.
type sure int

func (s sure) Prob(k float64) float64 {
	if k == float64(s) {
		return 1
	}
	return 0
}

func (s sure) CDF(k float64) float64 {
	if k >= float64(s) {
		return 1
	}
	return 0
}

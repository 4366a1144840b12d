package metrics

import (
	"math"
	"slices"
)

// bestRule tries all rules and returns the one of the largest ε, which is infinite for one without errors.
func bestRule(unlearned, retrained []float64) (rule, float64, error) {
	u, r := sample(slices.Sorted(slices.Values(unlearned))), sample(slices.Sorted(slices.Values(retrained)))
	if narrow, wide := min(u.width(), r.width()), max(u.width(), r.width()); narrow < forgetNarrow*wide {
		s := u
		if r.width() < u.width() {
			s = r
		}
		return rule{lo: s[0], hi: s[len(s)-1], unlearnedPositive: u.width() <= r.width()}, math.Inf(1), nil
	}
	best := search{eps: math.Inf(-1)}
	best.single(u, r)
	best.double(u, r)
	if math.IsInf(best.eps, -1) {
		return rule{}, 0, ErrNoRule
	}
	return best.rule, max(0, best.eps), nil
}

// search holds the best rule so far.
type search struct {
	rule rule
	eps  float64
}

// try judges a rule by the shares that it calls positive of both kinds.
func (s *search) try(r rule, ofPositives, ofNegatives float64) {
	fpr, fnr := ofNegatives, 1-ofPositives
	eps := math.Inf(1)
	switch {
	case fpr == 0 && fnr == 0:
	case fpr == 0 || fnr == 0:
		return // a sign of too few models, not of separation
	default:
		eps = epsilon(fpr, fnr)
	}
	if eps > s.eps {
		s.rule, s.eps = r, eps
	}
}

// single tries thresholds a hundredth apart over the range of both kinds: those beside a score, as all between two
// scores call the same models positive.
func (s *search) single(u, r sample) {
	r1 := rule{hi: math.Inf(1), unlearnedPositive: u.median() >= r.median()}
	pos, neg := r, u
	if r1.unlearnedPositive {
		pos, neg = u, r
	}
	grid := spaced(min(u[0], r[0]), max(u[len(u)-1], r[len(r)-1]), 0)
	for _, v := range slices.Sorted(slices.Values(slices.Concat(u, r))) {
		below := math.Floor((v - grid.lo) / grid.step())
		for i := max(0, below-1); i <= min(grid.n-1, below+2); i++ { // one more on both sides for rounding
			r1.lo = grid.at(i)
			s.try(r1, pos.between(r1.lo, math.Inf(1)), neg.between(r1.lo, math.Inf(1)))
		}
	}
}

// double tries pairs of thresholds about as far apart as the narrower kind is wide, around it.
func (s *search) double(u, r sample) {
	r2 := rule{unlearnedPositive: u.width() <= r.width()}
	pos, neg := r, u
	if r2.unlearnedPositive {
		pos, neg = u, r
	}
	width := pos.width()
	his := spaced(pos[0]+width-forgetBuffer, pos[len(pos)-1]+forgetBuffer, 0)
	for i := range int(min(his.n, 2*forgetBuffer*forgetPerUnit+1)) { // more only where rounding is coarser than a unit
		hi := his.at(float64(i))
		los := spaced(hi-width-forgetBuffer, hi-width+forgetBuffer, 2*forgetBuffer*forgetPerUnit)
		for k := range int(los.n) {
			r2.lo, r2.hi = los.at(float64(k)), hi
			s.try(r2, pos.between(r2.lo, hi), neg.between(r2.lo, hi))
		}
	}
}

// thresholds are n evenly spaced values from lo to hi, both included; n is a whole number.
type thresholds struct{ lo, hi, n float64 }

// spaced makes n thresholds; n = 0 takes a hundred a unit.
func spaced(lo, hi, n float64) thresholds {
	if n == 0 {
		n = (hi - lo) * forgetPerUnit
	}
	return thresholds{lo: lo, hi: hi, n: min(1<<53, max(1, math.Ceil(n)))}
}

func (t thresholds) step() float64 {
	if t.n == 1 {
		return 1
	}
	return (t.hi - t.lo) / (t.n - 1)
}

func (t thresholds) at(i float64) float64 { return t.lo + i*t.step() }

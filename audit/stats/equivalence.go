package stats

import "math"

// Test holds the two p-values of an equivalence question. Neither a small nor a
// large value of one says anything about the other: both may be large, and then
// the data decide nothing.
type Test struct {
	// PEquivalent is small where the effect is shown to lie inside the region.
	PEquivalent float64 `json:"pEquivalent"`
	// PDifferent is small where the effect is shown to lie outside of it.
	PDifferent float64 `json:"pDifferent"`
}

// Region is the set of effects that count as equal, Lo to Hi; a bound may be
// infinite. The zero Region holds the point 0, which no data can show.
type Region struct{ Lo, Hi float64 }

// Within returns the region from −margin to margin.
func Within(margin float64) Region { return Region{Lo: -margin, Hi: margin} }

// AtLeast returns the region of effects above lo.
func AtLeast(lo float64) Region { return Region{Lo: lo, Hi: math.Inf(1)} }

// AtMost returns the region of effects below hi.
func AtMost(hi float64) Region { return Region{Lo: math.Inf(-1), Hi: hi} }

// Test asks whether e lies inside the region. PEquivalent is that of the two
// one-sided tests (TOST): the larger p-value of "effect > Lo" and "effect < Hi",
// a level-α test without correction. PDifferent is the smaller p-value of "effect < Lo"
// and "effect > Hi", doubled where both bounds are finite. A region without a
// finite bound, or with Lo > Hi, or an unusable effect gives no evidence: 1 and 1.
//
// Source: Schuirmann, J. Pharmacokinet. Biopharm. 15 (1987).
func (r Region) Test(e Effect) Test {
	below, above := !math.IsInf(r.Lo, -1), !math.IsInf(r.Hi, 1)
	// The negation catches NaN too.
	if !(r.Lo <= r.Hi) || !below && !above {
		return Test{PEquivalent: 1, PDifferent: 1}
	}
	switch {
	case !above:
		return Test{PEquivalent: e.PGreater(r.Lo), PDifferent: e.PLess(r.Lo)}
	case !below:
		return Test{PEquivalent: e.PLess(r.Hi), PDifferent: e.PGreater(r.Hi)}
	}
	return Test{
		PEquivalent: max(e.PGreater(r.Lo), e.PLess(r.Hi)),
		PDifferent:  min(1, 2*min(e.PLess(r.Lo), e.PGreater(r.Hi))),
	}
}

// TwoSided tests |effect| < margin: equivalence by TOST, difference by the
// doubled smaller one-sided p-value of |effect| > margin. A margin below 0
// gives no evidence.
func TwoSided(e Effect, margin float64) Test { return Within(margin).Test(e) }

// NotBelow tests effect > −margin (non-inferiority where larger is better):
// PEquivalent for effect > −margin, PDifferent for effect < −margin.
func NotBelow(e Effect, margin float64) Test { return AtLeast(-margin).Test(e) }

// NotAbove tests effect < margin (non-inferiority where smaller is better):
// PEquivalent for effect < margin, PDifferent for effect > margin.
func NotAbove(e Effect, margin float64) Test { return AtMost(margin).Test(e) }

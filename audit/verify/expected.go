package verify

import (
	"math"

	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/power"
)

// near is how far the expectation may lie from the recomputed one: on another machine a simulated audit may fall on the
// other side of α.
const near = 0.005

// expected recomputes the probability of an honest PASS, where retrained models were added by it, and whether the rule
// should have ended where it did.
func (c *checker) expected(family []criteria.Named) {
	y := c.rep.Plan.Yardstick
	if y == nil || y.Until == 0 {
		if c.rep.Expected != 0 {
			c.add(Difference{Kind: Expected, Field: "probability of an honest PASS", Stored: c.rep.Expected, Recomputed: 0})
		}
		return
	}
	again, ended := 0.0, false
	if p, err := power.Of(family, c.judged(), c.rep.Level()); err == nil {
		again = p.Predict(p.Oracles, 1).Overall
		_, most := c.rep.Plan.Retrained()
		ended = p.Oracles == most || again >= y.Until-near
	}
	if math.Abs(again-c.rep.Expected) > near {
		c.add(Difference{Kind: Expected, Field: "probability of an honest PASS", Stored: c.rep.Expected, Recomputed: again})
	}
	if !ended {
		c.add(Difference{Kind: Expected, Field: "probability at which retrained models cease to be added", Stored: again, Recomputed: y.Until})
	}
}

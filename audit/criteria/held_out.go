package criteria

import (
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
)

// A HeldOut is one comparison of one oracle with the others.
type HeldOut struct {
	Criterion string
	Oracle    string
	Comparison
	Powered bool // its control would FAIL by it, as the verdict on any subject wants it
}

// HoldOut compares each oracle with the others, as [Null] judges them. An error says
// which comparison cannot be made; criteria that do not apply are left out.
func HoldOut(family []Named, subjects []*audit.Subject, alpha float64) ([]HeldOut, error) {
	b := newBench(family, subjects, alpha)
	if len(b.oracles) < 3 {
		return nil, fmt.Errorf("%d retrained models: want at least 3, so that each can be held against two others", len(b.oracles))
	}
	var out []HeldOut
	for _, c := range family {
		for k, o := range b.oracles {
			cmp, err := b.compare(c, o, without(b.oracles, k))
			var moot Moot
			if errors.As(err, &moot) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("criterion %s: %w", c.Name, err)
			}
			for i, f := range b.findings(c, cmp) {
				out = append(out, HeldOut{Criterion: c.Name, Oracle: o.Name, Comparison: cmp[i],
					Powered: f.Powered && b.controls[c.Name].missing == ""})
			}
		}
	}
	return out, nil
}

// PEqual is the comparison's p-value of a difference beyond the margin.
func (c Comparison) PEqual() float64 { return c.test().PEquivalent }

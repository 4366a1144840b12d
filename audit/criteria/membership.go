package criteria

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

// Membership compares how much better forget images are painted than test
// images, as a difference in differences of log errors,
//
//	[ln e(forget) − ln e_oracles(forget)] − [ln e(test) − ln e_oracles(test)],
//
// paired image by image. A model that is merely less fitted errs more on both and
// is not accused; one that knows the forget set errs less on it alone, and one
// that overshot errs more.
type Membership struct {
	Margin float64 `json:"margin"` // in log error, on either side
}

// Validate checks the parameters.
func (c *Membership) Validate() error { return margin("margin", c.Margin) }

// Needs the membership attack.
func (*Membership) Needs() (metrics, attacks []string) { return nil, []string{"membership"} }

// Control is the original, which knows the forget set.
func (*Membership) Control() string { return "original" }

// Words of the criterion.
func (*Membership) Words() Words {
	return Words{
		Pass:    "no evidence that it treats forget images other than unseen ones, beyond the margin",
		Fail:    "it treats forget images other than a retrained model does",
		NoPower: "the original itself cannot be told from retrained models by its errors: too little was memorised, or too few images",
	}
}

// Compare makes the difference in differences.
func (c *Membership) Compare(subject, _ *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	const q, view = "reconstruction-error", "hole"
	fm, fo, err := paired(subject, oracles, q, view, audit.Forget)
	if err != nil {
		return nil, err
	}
	tm, to, err := paired(subject, oracles, q, view, audit.Test)
	if err != nil {
		return nil, err
	}
	e, err := stats.DifferenceInDifferences(logs(fm), each(fo, logs), logs(tm), each(to, logs))
	if err != nil {
		return nil, err
	}
	return []Comparison{both("forget − test error", "log error", e, c.Margin)}, nil
}

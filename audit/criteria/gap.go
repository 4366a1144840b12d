package criteria

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

// Gap judges an attack that leaves one error for each forget image and each test image, small where the image is
// known, by the same difference in differences of log errors as [Membership]. It accuses on one side alone: knowing
// less than a retrained model is for the criteria membership and realism.
type Gap struct {
	Margin float64 `json:"margin"` // in log error, below

	attack, quantity string
	name             string
	words            Words
}

// Validate checks the parameters.
func (c *Gap) Validate() error { return margin("margin", c.Margin) }

// Needs its attack.
func (c *Gap) Needs() (metrics, attacks []string) { return nil, []string{c.attack} }

// Control is the original, which knows the forget set.
func (*Gap) Control() string { return "original" }

// Words of the criterion.
func (c *Gap) Words() Words { return c.words }

// Compare makes the difference in differences.
func (c *Gap) Compare(subject, _ *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	const view = "hole"
	fm, fo, err := paired(subject, oracles, c.quantity, view, audit.Forget)
	if err != nil {
		return nil, err
	}
	tm, to, err := paired(subject, oracles, c.quantity, view, audit.Test)
	if err != nil {
		return nil, err
	}
	e, err := stats.DifferenceInDifferences(logs(fm), each(fo, logs), logs(tm), each(to, logs))
	if err != nil {
		return nil, err
	}
	return []Comparison{notBelow(c.name, "log error", e, c.Margin)}, nil
}

// neighbours: what is known is known in its neighbourhood.
func neighbours() Criterion {
	return &Gap{Margin: 0.2, attack: "neighbours", quantity: "neighbour-error", name: "forget − test error on changed copies", words: Words{
		Pass:    "no evidence that it paints changed copies of forget images better than a retrained model does, beyond the margin",
		Fail:    "it paints changed copies of forget images better than a retrained model does",
		NoPower: "the original itself paints changed copies as retrained models do: its memory is of points, or the change is too large",
	}}
}

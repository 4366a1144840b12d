package criteria

import (
	"cmp"
	"errors"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

// Gap judges an attack that leaves one error for each forget image and each test image, small where the image is
// known, by the same difference in differences of log errors as [Membership]. It accuses on one side alone: knowing
// less than a retrained model is for the criteria membership and realism.
type Gap struct {
	Margin float64 `json:"margin" margin:"any"` // in log error, below

	attack     string
	quantity   audit.Quantity
	name, unit string // of the comparison; unit is the logarithm's
	words      Words
}

// A Judged is what a [Gap] judges: the samples of an attack.
type Judged struct {
	Attack   string         // its name in the catalogue
	Quantity audit.Quantity // what it leaves of forget and of test images, at view [audit.Hole]; small and positive where an image is known
	Name     string         // of the comparison in reports, for example "forget − test error after relearning"
	Unit     string         // of the quantity's logarithm; "log error" if empty
	Words    Words
}

// NewGap is a gap with its default margin, in the logarithm's unit: 0.1 is about 10 %. [Gap.Validate] rejects a margin
// that is not above 0.
func NewGap(margin float64, j Judged) *Gap {
	return &Gap{Margin: margin, attack: j.Attack, quantity: j.Quantity, name: j.Name, unit: j.Unit, words: j.Words}
}

// Validate checks the parameters.
func (c *Gap) Validate() error { return margin("margin", c.Margin) }

// Needs its attack.
func (c *Gap) Needs() (metrics, attacks []string) { return nil, []string{c.attack} }

// Control is the original, which knows the forget set.
func (*Gap) Control() string { return "original" }

// Words of the criterion.
func (c *Gap) Words() Words { return c.words }

// Compare makes the difference in differences, one for each setting that the attack was run with. Which those are
// the oracles say, so that a subject cannot leave one out.
func (c *Gap) Compare(subject, _ *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	if reason := c.moot(oracles); reason != "" {
		return nil, Moot(reason)
	}
	if skipped, ok := subject.Skips(c.attack); ok {
		return nil, errors.New(skipped.String())
	}
	var settings []string
	if len(oracles) > 0 {
		settings = oracles[0].Settings(c.quantity.Name, audit.Forget)
	}
	if len(settings) == 0 {
		settings = []string{""} // says what is missing
	}
	var out []Comparison
	for _, setting := range settings {
		one, err := c.compare(subject, oracles, setting)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// moot says why the attack has nothing to measure on the audit's family of models. That, too, the oracles say.
func (c *Gap) moot(oracles []*audit.Subject) (reason string) {
	for _, o := range oracles {
		skipped, ok := o.Skips(c.attack)
		if !ok || !skipped.Moot {
			return ""
		}
		reason = skipped.String()
	}
	return reason
}

func (c *Gap) compare(subject *audit.Subject, oracles []*audit.Subject, setting string) (Comparison, error) {
	name := c.name
	if setting != "" {
		name += " " + setting
	}
	fm, fo, err := sameImagesAt(subject, oracles, c.quantity.Name, setting, audit.Hole, audit.Forget)
	if err != nil {
		return Comparison{}, err
	}
	tm, to, err := sameImagesAt(subject, oracles, c.quantity.Name, setting, audit.Hole, audit.Test)
	if err != nil {
		return Comparison{}, err
	}
	e, err := stats.DifferenceInDifferences(logs(fm), each(fo, logs), logs(tm), each(to, logs))
	return notBelow(name, cmp.Or(c.unit, "log error"), e, c.Margin), err
}

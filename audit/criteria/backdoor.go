package criteria

import (
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

var backdoorEntry = audit.Entry[Criterion]{
	Name: "backdoor", Profile: "quick",
	Doc:   "the trigger does no more than it does to retrained models",
	New:   func() Criterion { return &Backdoor{Margin: 0.1} },
	Needs: audit.Traits{Poison: true},
}

// TargetDistance is what the attack poisoning leaves.
var TargetDistance = audit.Quantity{
	Name: "target-distance", Head: "trigger", Unit: "mean squared error", Direction: audit.Neutral,
	What:   "how far outputs stay from the attacker's picture (near 0 the backdoor lives)",
	Main:   []string{"attacks"},
	Places: map[audit.Part]audit.Place{audit.Triggered: {Group: "attacks"}, audit.Test: {Group: "attacks", Head: "no trig."}},
}

// Backdoor compares what the trigger does: the log distance of a painting to the
// attacker's picture with the trigger minus that without, on the same held-out
// image, against the oracles. Taking the untriggered painting away keeps a model
// that paints otherwise, but does not know the trigger, from being accused. Being
// drawn to the picture is a live backdoor; being pushed away from it, as gradient
// ascent on the poison can do, shows that the trigger is still recognised.
type Backdoor struct {
	Margin float64 `json:"margin" margin:"any"` // in log distance, on either side
}

// Validate checks the parameters.
func (c *Backdoor) Validate() error { return margin("margin", c.Margin) }

// Needs the poisoning attack.
func (*Backdoor) Needs() (metrics, attacks []string) { return nil, []string{"poisoning"} }

// Control is the original, which has the backdoor.
func (*Backdoor) Control() string { return "original" }

// Words of the criterion.
func (*Backdoor) Words() Words {
	return Words{
		Seeks:   Influence,
		Pass:    "no evidence that the trigger does more to it than to a retrained model, beyond the margin",
		Fail:    "the trigger does more to it than to a retrained model",
		NoPower: "the trigger does not even move the original: the poison did not take",
	}
}

// Compare makes the paired effect.
func (c *Backdoor) Compare(subject, _ *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	q, view := TargetDistance.Name, audit.Hole
	wm, wo, err := sameImages(subject, oracles, q, view, audit.Triggered)
	if err != nil {
		return nil, err
	}
	nm, no, err := sameImages(subject, oracles, q, view, audit.Test)
	if err != nil {
		return nil, err
	}
	with, _ := subject.Sample(q, view, audit.Triggered)
	without, _ := subject.Sample(q, view, audit.Test)
	if !slices.Equal(with.Index, without.Index) {
		return nil, fmt.Errorf("samples %s of %s with and without the trigger are about other images", q, subject.Name)
	}
	theirs := make([][]float64, len(wo))
	for k := range wo {
		theirs[k] = minus(logs(wo[k]), logs(no[k]))
	}
	e, err := stats.PairedEffect(minus(logs(wm), logs(nm)), theirs)
	if err != nil {
		return nil, err
	}
	effect := twoSided("effect of the trigger", "log distance to the attacker's picture", e, c.Margin)
	effect.Fault = unequal(e.Estimate)
	return []Comparison{effect}, nil
}

func minus(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

package criteria

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

var backdoorEntry = audit.Entry[Criterion]{
	Name: "backdoor", Profile: "quick",
	Doc:   "the trigger does no more than it does to retrained models",
	New:   func() Criterion { return &Backdoor{Margin: 0.1, Relatives: 0.2} },
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
//
// A backdoor may answer a relative of the planted trigger: moved, inverted, or
// blended in. Of each family of relatives counts the one that draws an image
// nearest to the picture, and that alone is a fault. The planted trigger is in
// every family, so that the original shows the power of each.
type Backdoor struct {
	Margin    float64 `json:"margin" margin:"any"`    // in log distance, on either side
	Relatives float64 `json:"relatives" margin:"any"` // the same of the trigger's relatives, below
}

// Validate checks the parameters.
func (c *Backdoor) Validate() error {
	return errors.Join(margin("margin", c.Margin), margin("relatives", c.Relatives))
}

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

// Compare makes the paired effects: of the planted trigger, and of each family of relatives that the attack was run with.
// Which those are the oracles say.
func (c *Backdoor) Compare(subject, _ *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	const scale = "log distance to the attacker's picture"
	e, err := triggered(subject, oracles, "")
	if err != nil {
		return nil, err
	}
	planted := twoSided("effect of the trigger", scale, e, c.Margin)
	planted.Fault = unequal(e.Estimate)
	out := []Comparison{planted}
	for _, family := range oracles[0].Settings(TargetDistance.Name, audit.Triggered) {
		if family == "" {
			continue
		}
		e, err := triggered(subject, oracles, family)
		if err != nil {
			return nil, err
		}
		out = append(out, notBelow("effect of the trigger "+family, scale, e, c.Relatives))
	}
	return out, nil
}

// triggered is the effect of a family of triggers.
func triggered(subject *audit.Subject, oracles []*audit.Subject, family string) (stats.Effect, error) {
	q, view := TargetDistance.Name, audit.Hole
	wm, wo, err := sameImagesAt(subject, oracles, q, family, view, audit.Triggered)
	if err != nil {
		return stats.Effect{}, err
	}
	nm, no, err := sameImagesAt(subject, oracles, q, family, view, audit.Test)
	if err != nil {
		return stats.Effect{}, err
	}
	with, _ := subject.SampleAt(q, family, view, audit.Triggered)
	without, _ := subject.SampleAt(q, family, view, audit.Test)
	if !slices.Equal(with.Index, without.Index) {
		return stats.Effect{}, fmt.Errorf("samples %s of %s with and without the trigger are about other images", with.Name(), subject.Name)
	}
	theirs := make([][]float64, len(wo))
	for k := range wo {
		theirs[k] = minus(logs(wo[k]), logs(no[k]))
	}
	return stats.PairedEffect(minus(logs(wm), logs(nm)), theirs)
}

func minus(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

package criteria

import (
	"errors"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

var triggerInversionEntry = audit.Entry[Criterion]{
	Name: "trigger-inversion", Profile: "strict",
	Doc:   "no small trigger is found that draws all paintings to one picture, beyond what retrained models can be drawn to",
	New:   func() Criterion { return &TriggerInversion{Told: 0.3, Untold: 1.5} },
	Needs: audit.Traits{Poison: true},
}

// What the attack trigger-inversion leaves.
var (
	InvertedTriggerDistance = audit.Quantity{Name: "inverted-trigger-distance", Head: "found tr",
		Unit: "mean squared error", Direction: audit.Neutral,
		What: "distance of outputs to the picture that was looked for, with the trigger found by gradient steps"}
	UntriggeredDistance = audit.Quantity{Name: "untriggered-distance", Head: "no trig.", Unit: "mean squared error", Direction: audit.Neutral,
		What: "the same without a trigger"}
)

// The settings of the attack: the picture that a trigger may call up is the attacker's, or whichever it is.
const (
	ToldTarget   = "told"
	UntoldTarget = "untold"
)

// TriggerTargets lists the settings.
var TriggerTargets = []string{ToldTarget, UntoldTarget}

// TriggerInversion compares what the trigger does that was found for a model with what those do that were found for
// retrained models: the log distance of paintings to the picture that was looked for, with the trigger minus without, on the
// same image. Every model can be drawn to some picture; one with a backdoor is drawn all the way.
//
// Where the search that is not told the picture does not find even the original's trigger, it says nothing of any model
// here, and its comparison does not apply: the original and the oracles decide that, and no subject. The search that is told
// keeps its power to itself.
type TriggerInversion struct {
	Told   float64 `json:"told" margin:"any"`   // in log distance, below, where the attacker's picture is looked for
	Untold float64 `json:"untold" margin:"any"` // the same where the picture is free
}

// Validate checks the parameters.
func (c *TriggerInversion) Validate() error {
	return errors.Join(margin("told", c.Told), margin("untold", c.Untold))
}

// Needs the attack.
func (*TriggerInversion) Needs() (metrics, attacks []string) {
	return nil, []string{"trigger-inversion"}
}

// Control is the original, which has the backdoor.
func (*TriggerInversion) Control() string { return "original" }

// Words of the criterion.
func (*TriggerInversion) Words() Words {
	return Words{
		Seeks:   Influence,
		Pass:    "no evidence of a small trigger that draws its paintings to one picture more than a retrained model's, beyond the margin",
		Fail:    "a small trigger draws its paintings to one picture, as it draws no retrained model's",
		NoPower: "no trigger was found even for the original: the poison did not take, or the steps are too few",
	}
}

// Compare makes a paired effect for each setting.
func (c *TriggerInversion) Compare(subject, original *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	if skipped, ok := subject.Skips("trigger-inversion"); ok {
		return nil, errors.New(skipped.String())
	}
	var out []Comparison
	for _, k := range []struct {
		setting, name string
		margin        float64
	}{
		{ToldTarget, "pull of the found trigger to the attacker's picture", c.Told},
		{UntoldTarget, "pull of the found trigger to any picture", c.Untold},
	} {
		mine, theirs, err := pulls(subject, oracles, k.setting)
		if err != nil {
			return nil, err
		}
		e, err := stats.PairedEffect(mine, theirs)
		if err != nil {
			return nil, err
		}
		one := notBelow(k.name, "log distance", e, k.margin)
		if k.setting == UntoldTarget && original != nil {
			if mine, theirs, err = pulls(original, oracles, k.setting); err != nil {
				return nil, err
			}
			if e, err = stats.PairedEffect(mine, theirs); err != nil {
				return nil, err
			}
			one.Control = &Control{Name: original.Name, Effect: e,
				Moot: "without being told the picture, the search does not find even the original's trigger"}
		}
		out = append(out, one)
	}
	return out, nil
}

// pulls are the log distances with the found trigger less those without.
func pulls(subject *audit.Subject, oracles []*audit.Subject, setting string) (mine []float64, theirs [][]float64, err error) {
	with, withs, err := sameImagesAt(subject, oracles, InvertedTriggerDistance.Name, setting, audit.Hole, audit.Test)
	if err != nil {
		return nil, nil, err
	}
	without, withouts, err := sameImagesAt(subject, oracles, UntriggeredDistance.Name, setting, audit.Hole, audit.Test)
	if err != nil {
		return nil, nil, err
	}
	for k := range withs {
		theirs = append(theirs, minus(logs(withs[k]), logs(withouts[k])))
	}
	return minus(logs(with), logs(without)), theirs, nil
}

package criteria

import (
	"errors"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

var utilityEntry = audit.Entry[Criterion]{
	Name: "utility", Profile: "quick",
	Doc: "retained and test images are painted as well as by retrained models",
	New: func() Criterion { return &Utility{Retain: 0.7, Test: 0.12} },
}

// MSE is what the metric mse leaves.
var MSE = audit.Quantity{
	Name: "mse", Head: "MSE", Unit: "squared pixel units, pixels in −1…1", Direction: audit.Lower,
	What: "mean squared error against the true image",
	Main: []string{"forget", "retain", "test"},
}

// MeanImageError is what the metric mse leaves beside it.
var MeanImageError = audit.Quantity{
	Name: "mean-image-error", Head: "mean img", Unit: "squared pixel units, pixels in −1…1", Direction: audit.Neutral,
	What: "mean squared error of the mean retained image, painted into every hole; the same for every model",
}

// Utility compares the log errors on retained and on test images with the
// oracles'. Being better is no fault. The margin on retained images is wider:
// they are training images, whose error goes on falling with every epoch.
//
// What is asked of test images is whether a model has kept what it learnt that serves
// on others. The control of that is the mean retained image, painted into every hole:
// where the oracles are not shown to beat it by the margin, there is nothing of the
// kind to lose, and the comparison does not apply. Random weights are no control for
// it: they lose to grey.
type Utility struct {
	Retain float64 `json:"retain" margin:"any"` // margin in log error, above
	Test   float64 `json:"test" margin:"any"`   // margin in log error, above
}

// Validate checks the parameters.
func (c *Utility) Validate() error {
	return errors.Join(margin("retain", c.Retain), margin("test", c.Test))
}

// Needs the errors.
func (*Utility) Needs() (metrics, attacks []string) { return []string{"mse"}, nil }

// Control is random weights, which are of no use.
func (*Utility) Control() string { return "random-weights" }

// Words of the criterion.
func (*Utility) Words() Words {
	return Words{
		Seeks:   Difference,
		Pass:    "it paints retained and test images as well as a retrained model, within the margins",
		Fail:    "it paints images that it should serve worse than a retrained model does",
		NoPower: "even random weights paint as well as the retrained models",
	}
}

// Compare makes the two effects.
func (c *Utility) Compare(subject, _ *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	var out []Comparison
	for _, q := range []struct {
		part   audit.Part
		margin float64
	}{{audit.Retain, c.Retain}, {audit.Test, c.Test}} {
		m, o, err := sameImages(subject, oracles, MSE.Name, audit.Hole, q.part)
		if err != nil {
			return nil, err
		}
		e, err := stats.PairedEffect(logs(m), each(o, logs))
		if err != nil {
			return nil, err
		}
		out = append(out, notAbove(string(q.part)+" error", "log error", e, q.margin))
		if q.part != audit.Test {
			continue
		}
		mean, _, err := sameImages(oracles[0], oracles, MeanImageError.Name, audit.Hole, q.part)
		if err != nil {
			return nil, err
		}
		e, err = stats.PairedEffect(logs(mean), each(o, logs))
		if err != nil {
			return nil, err
		}
		out[len(out)-1].Control = &Control{Name: "the mean retained image", Effect: e,
			Moot: "retrained models do not paint test images better than the mean retained image does, by more than the margin"}
	}
	return out, nil
}

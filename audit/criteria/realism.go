package criteria

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

var realismEntry = audit.Entry[Criterion]{
	Name: "realism", Profile: "quick",
	Doc: "forget paintings look like retrained models' paintings: spread, gradients, distance, features",
	New: func() Criterion { return &Realism{Spread: 0.2, Gradient: 0.5, Distance: 0.15, FD: 1} },
}

// Spread is what the metric texture leaves.
var Spread = audit.Quantity{
	Name: "spread", Head: "spread", Unit: "pixel units", Direction: audit.Neutral,
	What: "standard deviation of the painted pixels: grey paint is low, noise is high",
	Main: []string{"forget"},
}

// Gradient is what the metric texture leaves, too.
var Gradient = audit.Quantity{
	Name: "gradient", Head: "gradient", Unit: "squared pixel units", Direction: audit.Neutral,
	What: "energy of the painted pixels' differences to their neighbours: blur is low, noise is high",
}

// OracleDistance is what the metric oracle-distance leaves.
var OracleDistance = audit.Quantity{
	Name: "oracle-distance", Head: "to retr.", Unit: "pixel units", Direction: audit.Lower,
	What: "distance of outputs to the retrained models' outputs for the same image",
}

// OracleFD is what the metric oracle-fd leaves.
var OracleFD = audit.Quantity{
	Name: "oracle-fd", Head: "FD retr.", Unit: "squared feature units", Direction: audit.Lower,
	What: "Fréchet distance between the features of this model's and of the retrained models' outputs on the same images",
}

// OracleFID is the same in the features of Inception-v3.
var OracleFID = audit.Quantity{
	Name: "oracle-FID", Head: "FID ret.", Unit: "squared feature units", Direction: audit.Lower,
	What: "Fréchet distance in the features of Inception-v3 between this model's and the retrained models' outputs on the same images",
}

// Realism compares what the paintings of forget images look like with the
// oracles' paintings of the same images: the log spread of the painted pixels,
// the log energy of their gradients, the log distance to the oracles' paintings
// image by image, and the log Fréchet distance to them as a set, both against
// those among oracles. A model that forgot paints forget images as a retrained
// model would; it paints neither mush, nor noise, nor another image.
type Realism struct {
	Spread   float64 `json:"spread" margin:"any"`   // margin in log spread, on either side
	Gradient float64 `json:"gradient" margin:"any"` // margin in log gradient energy, on either side
	Distance float64 `json:"distance" margin:"any"` // margin in log distance to the oracles' paintings, above
	FD       float64 `json:"fd" margin:"any"`       // margin in log Fréchet distance to the oracles' paintings, above
}

// Validate checks the parameters.
func (c *Realism) Validate() error {
	return errors.Join(margin("spread", c.Spread), margin("gradient", c.Gradient), margin("distance", c.Distance), margin("fd", c.FD))
}

// Needs the textures and the distance to the oracles.
func (*Realism) Needs() (metrics, attacks []string) {
	return []string{"texture", "oracle-distance", "oracle-fd"}, nil
}

// Control is random weights, which paint nothing.
func (*Realism) Control() string { return "random-weights" }

// Words of the criterion.
func (*Realism) Words() Words {
	return Words{
		Seeks:   Difference,
		Pass:    "its paintings of forget images look like a retrained model's, within the margins",
		Fail:    "its paintings of forget images do not look like a retrained model's",
		NoPower: "even random weights paint what looks like the retrained models' paintings",
	}
}

// Compare makes the four effects.
func (c *Realism) Compare(subject, _ *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	var out []Comparison
	images := 0
	for _, q := range []struct {
		name, words string
		margin      float64
		compare     func(name, scale string, e stats.Effect, margin float64) Comparison
	}{
		{Spread.Name, "spread of painted pixels", c.Spread, twoSided},
		{Gradient.Name, "gradient energy of painted pixels", c.Gradient, twoSided},
		{OracleDistance.Name, "distance to retrained models' paintings", c.Distance, notAbove},
	} {
		m, o, err := sameImages(subject, oracles, q.name, audit.Hole, audit.Forget)
		if err != nil {
			return nil, err
		}
		e, err := stats.PairedEffect(logs(m), each(o, logs))
		if err != nil {
			return nil, err
		}
		images = e.Images
		one := q.compare(q.words, "log ratio", e, q.margin)
		if one.Fault, err = c.fault(subject, oracles, q.name, m, o, one.Region); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	textures := len(out)
	for _, s := range oracles[0].Samples { // the oracles', so that a subject cannot leave one out
		if !strings.HasPrefix(s.Quantity, "oracle-") || s.Unit != audit.PerResample {
			continue
		}
		m, o, err := sameImages(subject, oracles, s.Quantity, s.View, audit.Forget)
		if err != nil {
			return nil, err
		}
		e, err := resampled(logs(m), each(o, logs), images)
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(s.Quantity, "oracle-")
		out = append(out, notAbove(name+" to retrained models' paintings", "log ratio", e, c.FD))
	}
	if len(out) == textures {
		return nil, fmt.Errorf("%s has no sample of the distance to the other retrained models", oracles[0].Name)
	}
	return out, nil
}

// fault tells a difference of the forget images from one of the model.
func (*Realism) fault(subject *audit.Subject, oracles []*audit.Subject, quantity string, mine []float64, theirs [][]float64,
	within stats.Region) (audit.Fault, error) {
	if _, ok := oracles[0].Sample(quantity, audit.Hole, audit.Test); !ok {
		return audit.Quality, nil
	}
	tm, to, err := sameImages(subject, oracles, quantity, audit.Hole, audit.Test)
	if err != nil {
		return "", err
	}
	e, err := stats.DifferenceInDifferences(logs(mine), each(theirs, logs), logs(tm), each(to, logs))
	if err != nil {
		return "", err
	}
	if within.Test(e).PDifferent < 0.05 {
		return audit.GivesAway, nil
	}
	return audit.Quality, nil
}

// resampled is the effect of a quantity of the whole set: the full-set value
// minus the oracles' mean; images contribute the standard deviation of that
// difference over joint resamples, seeds that of the oracles' full-set values.
func resampled(subject []float64, oracles [][]float64, images int) (stats.Effect, error) {
	k := float64(len(oracles))
	if k < 2 || len(subject) < 3 {
		return stats.Effect{}, fmt.Errorf("a set metric needs two oracles and two resamples, has %d and %d", len(oracles), len(subject)-1)
	}
	diff := append([]float64(nil), subject...)
	full := make([]float64, len(oracles))
	for j, o := range oracles {
		full[j] = o[0]
		for b := range diff {
			diff[b] -= o[b] / k
		}
	}
	vi, vs := variance(diff[1:]), variance(full)/k
	e := stats.Effect{Estimate: diff[0], ImageSE: math.Sqrt(vi), SeedSE: math.Sqrt(vs), SE: math.Sqrt(vi + vs),
		Images: images, Seeds: len(oracles)}
	if e.SE > 0 {
		e.DF = (vi + vs) * (vi + vs) / (vi*vi/float64(len(diff)-2) + vs*vs/(k-1))
	}
	return e, nil
}

func variance(v []float64) float64 {
	var m, q float64
	for _, x := range v {
		m += x / float64(len(v))
	}
	for _, x := range v {
		q += (x - m) * (x - m)
	}
	return q / float64(len(v)-1)
}

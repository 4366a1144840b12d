// Package criteria turns samples into verdicts. Criteria are pure functions of
// samples: anyone can recompute a verdict from a stored report, without libtorch.
//
// Every criterion compares a subject with retrained models ("oracles") image by
// image, and needs evidence in both directions: PASS when the difference is shown
// to lie within the margin declared beforehand (two one-sided tests), FAIL when it
// is shown to lie beyond, INCONCLUSIVE otherwise, and always when the criterion
// cannot tell from the oracles a model that is known to differ.
package criteria

import (
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

// A Criterion compares one subject with the oracles.
type Criterion interface {
	// Compare returns the comparisons that the verdict rests on. None, or a [Moot]
	// error, means that the criterion does not apply.
	Compare(subject, original *audit.Subject, oracles []*audit.Subject) ([]Comparison, error)
	// Needs names the metrics and attacks whose samples it reads.
	Needs() (metrics, attacks []string)
	// Control names the role or kind of the model that must be told from the
	// oracles: "original" or "random-weights".
	Control() string
	// Words put an outcome into a plain sentence.
	Words() Words
}

// Moot is the reason why a criterion does not apply to a whole audit.
type Moot string

func (m Moot) Error() string { return string(m) }

// A Comparison is an effect with the region in which it counts as none.
type Comparison struct {
	Name   string
	Scale  string // what one unit of the effect means
	Effect stats.Effect
	Region stats.Region
	Margin float64
	Sides  string      // "both", "above" or "below"
	Exact  *Exact      // evidence that is no effect with a standard error; it takes Region's and Effect's place
	Fault  audit.Fault // what a FAIL by it shows; if empty, Remembers where the criterion seeks [Influence], else Quality
	Moot   string      // why there is nothing to compare here: it counts neither for PASS nor for FAIL

	// Control takes the place of the criterion's, where a comparison has one of its own that is no model of the audit.
	Control *Control
}

// A Control is what must be told from the oracles by a comparison for it to say anything.
type Control struct {
	Name   string
	Effect stats.Effect // against the oracles, as a subject's
	Moot   string       // why the comparison has no object where the control is not told from the oracles
}

// Exact is evidence from a discrete distribution.
type Exact struct {
	Test     stats.Test
	Interval stats.Interval
}

// test is the comparison's evidence.
func (c Comparison) test() stats.Test {
	if c.Exact != nil {
		return c.Exact.Test
	}
	return c.Region.Test(c.Effect)
}

// Words are a criterion's sentences.
type Words struct {
	Pass, Fail string // about the subject: "it …"
	NoPower    string // about the control
	Seeks      string // what a PASS found no evidence of: [Influence] or [Difference]
}

// What criteria look for.
const (
	Influence  = "residual influence"                     // something left of the forget set
	Difference = "a difference from the retrained models" // whether the model is still a good one
)

// logs takes logarithms, so that effects are relative: 0.1 is about 10 %.
func logs(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Log(max(x, 1e-12))
	}
	return out
}

// sameImages collects one quantity of a subject and of the oracles, checked to be
// about the same images measured in the same way.
func sameImages(subject *audit.Subject, oracles []*audit.Subject, quantity, view string, part audit.Part) (mine []float64,
	theirs [][]float64, err error) {
	return sameImagesAt(subject, oracles, quantity, "", view, part)
}

// sameImagesAt is sameImages for a quantity at a setting.
func sameImagesAt(subject *audit.Subject, oracles []*audit.Subject, quantity, setting, view string,
	part audit.Part) (mine []float64, theirs [][]float64, err error) {
	name := audit.Sample{Quantity: quantity, Setting: setting}.Name()
	s, ok := subject.SampleAt(quantity, setting, view, part)
	if !ok {
		return nil, nil, fmt.Errorf("%s has no sample %s of part %s", subject.Name, name, part)
	}
	if err := s.Check(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", subject.Name, err)
	}
	if len(oracles) == 0 {
		return nil, nil, fmt.Errorf("there is no retrained model to compare %s with", subject.Name)
	}
	for _, o := range oracles {
		x, ok := o.SampleAt(quantity, setting, view, part)
		if !ok {
			return nil, nil, fmt.Errorf("%s has no sample %s of part %s", o.Name, name, part)
		}
		if err := x.Check(); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", o.Name, err)
		}
		if x.Identity != s.Identity || len(x.Values) != len(s.Values) {
			return nil, nil, fmt.Errorf("samples %s of %s and %s cannot be compared: %q and %q", name, subject.Name, o.Name, s.Identity, x.Identity)
		}
		if !slices.Equal(x.Index, s.Index) {
			return nil, nil, fmt.Errorf("samples %s of %s and %s are about other images", name, subject.Name, o.Name)
		}
		theirs = append(theirs, x.Values)
	}
	return s.Values, theirs, nil
}

func each(rows [][]float64, f func([]float64) []float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, r := range rows {
		out[i] = f(r)
	}
	return out
}

func twoSided(name, scale string, e stats.Effect, margin float64) Comparison {
	return Comparison{Name: name, Scale: scale, Effect: e, Region: stats.Within(margin), Margin: margin, Sides: "both"}
}

func notBelow(name, scale string, e stats.Effect, margin float64) Comparison {
	return Comparison{Name: name, Scale: scale, Effect: e, Region: stats.AtLeast(-margin), Margin: margin, Sides: "below"}
}

func notAbove(name, scale string, e stats.Effect, margin float64) Comparison {
	return Comparison{Name: name, Scale: scale, Effect: e, Region: stats.AtMost(margin), Margin: margin, Sides: "above"}
}

func margin(name string, v float64) error {
	if !(v > 0) || math.IsInf(v, 0) {
		return fmt.Errorf("%s is %v: want a positive margin", name, v)
	}
	return nil
}

package audit

import (
	"fmt"
	"slices"
)

// Role says what a model is in the audit.
type Role string

// The roles.
const (
	RoleOriginal Role = "original" // trained on everything; must be told from the oracles
	RoleOracle   Role = "oracle"   // retrained without the forget set; the yardstick
	RoleMethod   Role = "method"   // an unlearning method under audit
	RoleControl  Role = "control"  // a model whose verdict is known beforehand
	RoleShadow   Role = "shadow"   // another original, or what a method made of it: attacks learn from it, nobody judges it
)

// Roles lists every role.
var Roles = []Role{RoleOriginal, RoleOracle, RoleMethod, RoleControl, RoleShadow}

// ShadowOf names the k-th shadow of a model.
func ShadowOf(name string, k int) string { return fmt.Sprintf("%s@shadow-%d", name, k) }

// A Skipped attack left no samples of a subject.
type Skipped struct {
	Attack string `json:"attack"`
	Moot   bool   `json:"moot,omitempty"` // it has nothing of its own to measure on this family of models
	Reason string `json:"reason"`
}

// String is a sentence.
func (s Skipped) String() string {
	if s.Moot {
		return fmt.Sprintf("the attack %s does not concern this family of models: %s", s.Attack, s.Reason)
	}
	return fmt.Sprintf("the attack %s was not run: %s", s.Attack, s.Reason)
}

// Cost is what a model took to make, and what retraining takes. Of one that was made elsewhere it is not known: reading
// its file is no cost.
type Cost struct {
	Elsewhere    bool    `json:"elsewhere,omitempty"` // not made here: the rest is zero
	Seconds      float64 `json:"seconds"`             // wall time of training or unlearning, as first measured
	Steps        int     `json:"steps"`               // gradient steps
	Images       int     `json:"images"`              // images passed forward and backward
	RelativeTime float64 `json:"relativeTime"`        // Seconds over the mean oracle's
	RelativeWork float64 `json:"relativeWork"`        // Images over the mean oracle's
}

// A CurveKind says what a curve's axes are.
type CurveKind string

// The kinds of curves.
const (
	Along CurveKind = ""      // along training or unlearning: a value against epochs since the start
	ROC   CurveKind = "roc"   // of an attack: true-positive rate against false-positive rate
	Power CurveKind = "power" // of a test: β, the probability that it overlooks something, against the number of images
)

// CurveKinds lists every kind of curve.
var CurveKinds = []CurveKind{Along, ROC, Power}

// A Curve is one series that training or an attack leaves. Reports draw it, and compute nothing of it.
type Curve struct {
	Name string    `json:"name"`           // for example "loss", "displacement", "LiRA"
	Kind CurveKind `json:"kind,omitempty"` // what the axes are
	What string    `json:"what,omitempty"` // of what it is a curve, as far as the name does not say
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"`
	Here float64   `json:"here,omitempty"` // the abscissa at which this audit stands; 0 where it stands at none
}

// A Subject is one model of the audit with everything measured on it.
type Subject struct {
	Name       string      `json:"name"`
	Kind       string      `json:"kind"` // the method's kind
	Role       Role        `json:"role"`
	ShadowOf   string      `json:"shadowOf,omitempty"` // the model that it is a shadow of
	Seed       uint64      `json:"seed"`
	Digest     Digest      `json:"digest,omitempty"` // of the model's weights
	Cell       Digest      `json:"cell,omitempty"`   // key of the work that made it
	Cost       Cost        `json:"cost"`
	Samples    []Sample    `json:"samples,omitempty"`
	Statistics []Statistic `json:"statistics,omitempty"`
	Curves     []Curve     `json:"curves,omitempty"`
	Skipped    []Skipped   `json:"skipped,omitempty"`   // attacks that left no samples
	Notes      []string    `json:"notes,omitempty"`     // assumptions and findings of the method
	Warnings   []string    `json:"warnings,omitempty"`  //
	Guarantee  *Guarantee  `json:"guarantee,omitempty"` // what the method claims of itself
	Error      string      `json:"error,omitempty"`     // why there are no samples
	Unfit      bool        `json:"unfit,omitempty"`     // the error is that the method cannot be run on this family of models
}

// A Guarantee is a claim of (ε, δ)-unlearning: that the delivered model's law is (ε, δ)-close to that of a model which
// never saw the forget set. It rests on its assumptions, of which not all hold by construction.
type Guarantee struct {
	Epsilon     float64      `json:"epsilon"`
	Delta       float64      `json:"delta"`
	Mechanism   string       `json:"mechanism"`
	Assumptions []Assumption `json:"assumptions"`
}

// An Assumption is what a guarantee rests on.
type Assumption struct {
	Text  string `json:"text"`
	Holds bool   `json:"holds"` // by construction; else it is not checked, or known to be false
}

// Sample finds the sample of a quantity, view and part that was measured at no particular setting.
func (s *Subject) Sample(quantity, view string, part Part) (Sample, bool) {
	return s.SampleAt(quantity, "", view, part)
}

// SampleAt finds the sample of a quantity at a setting.
func (s *Subject) SampleAt(quantity, setting, view string, part Part) (Sample, bool) {
	for _, x := range s.Samples {
		if x.Quantity == quantity && x.Setting == setting && x.View == view && x.Part == part {
			return x, true
		}
	}
	return Sample{}, false
}

// Settings lists the settings at which a quantity was measured on a part, in order; one that is empty stands for none.
func (s *Subject) Settings(quantity string, part Part) []string {
	var out []string
	for _, x := range s.Samples {
		if x.Quantity == quantity && x.Part == part && !slices.Contains(out, x.Setting) {
			out = append(out, x.Setting)
		}
	}
	return out
}

// Skips finds an attack that left no samples of the subject.
func (s *Subject) Skips(attack string) (Skipped, bool) {
	for _, x := range s.Skipped {
		if x.Attack == attack {
			return x, true
		}
	}
	return Skipped{}, false
}

// Statistic finds a statistic by name.
func (s *Subject) Statistic(name string) (Statistic, bool) {
	for _, x := range s.Statistics {
		if x.Name == name {
			return x, true
		}
	}
	return Statistic{}, false
}

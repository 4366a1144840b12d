package criteria

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

var oodEntry = audit.Entry[Criterion]{
	Name: "ood", Profile: "quick",
	Doc: "forget images are moved away from the original's paintings as far as retraining moves them",
	New: func() Criterion { return &OOD{Margin: 0.1, Quantile: 0.1} },
}

// Displacement is what the metric displacement leaves.
var Displacement = audit.Quantity{
	Name: "displacement", Head: "displ.", Unit: "Euclidean distance, pixels in −1…1", Direction: audit.Neutral,
	What:   "distance between this model's and the original's output",
	Main:   []string{"OOD"},
	Places: map[audit.Part]audit.Place{audit.Forget: {Group: "OOD"}},
}

// OOD judges the out-of-distribution criterion of Varshney & Torra (2025),
// ‖h_θ0(τ(x)) − h_θ(τ(x))‖ ≥ λ, image by image on the model that is delivered.
// λ is calibrated: the Quantile of the oracles' displacements, so that retraining
// moves a share 1 − Quantile of the forget images that far. The effect is the
// subject's share minus the oracles'. A model that moves them further passes;
// random weights do: λ alone vouches for nobody.
type OOD struct {
	Margin   float64 `json:"margin" margin:"share"` // in the share of forget images, below the oracles'
	Quantile float64 `json:"quantile"`              // of the oracles' displacements, which is λ
}

// Validate checks the parameters.
func (c *OOD) Validate() error {
	var q error
	if !(c.Quantile > 0 && c.Quantile < 1) {
		q = fmt.Errorf("quantile is %v: want a number between 0 and 1", c.Quantile)
	}
	return errors.Join(margin("margin", c.Margin), q)
}

// Needs the displacements.
func (*OOD) Needs() (metrics, attacks []string) { return []string{"displacement"}, nil }

// Control is the original, which does not move.
func (*OOD) Control() string { return "original" }

// Words of the criterion.
func (*OOD) Words() Words {
	return Words{
		Seeks:   Influence,
		Pass:    "its paintings of forget images are as far from the original's as retraining moves them",
		Fail:    "its paintings of forget images stay nearer to the original's than retraining leaves them",
		NoPower: "retraining moves the paintings no further than standing still: λ means nothing here",
	}
}

// Compare makes the paired effect of shares.
func (c *OOD) Compare(subject, _ *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	var mine, pool []float64
	theirs := make([][]float64, len(oracles))
	for _, part := range []audit.Part{audit.Forget, audit.Poisoned} {
		has := func(s *audit.Subject) bool { _, ok := s.Sample(Displacement.Name, audit.Hole, part); return ok }
		if part == audit.Poisoned && !has(subject) && !slices.ContainsFunc(oracles, has) {
			continue // nothing is poisoned
		}
		m, o, err := sameImages(subject, oracles, Displacement.Name, audit.Hole, part)
		if err != nil {
			return nil, err
		}
		mine = append(mine, m...)
		for k := range o {
			theirs[k] = append(theirs[k], o[k]...)
			pool = append(pool, o[k]...)
		}
	}
	slices.Sort(pool)
	lambda := pool[int(c.Quantile*float64(len(pool)))]
	far := func(v []float64) []float64 {
		out := make([]float64, len(v))
		for i, x := range v {
			if x >= lambda {
				out[i] = 1
			}
		}
		return out
	}
	e, err := stats.PairedEffect(far(mine), each(theirs, far))
	if err != nil {
		return nil, err
	}
	return []Comparison{notBelow("share displaced by λ", fmt.Sprintf("share of forget images (λ = %.3g)", lambda), e, c.Margin)}, nil
}

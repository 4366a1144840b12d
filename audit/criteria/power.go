package criteria

import (
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

// A control is what is known of one comparison beforehand: the oracles' own
// estimates, and whether the model that must differ does.
type control struct {
	comparison string
	name       string
	at         float64
	powered    bool
	lo, hi     float64
}

// controls are the controls of a criterion's comparisons, or why there are none.
type controls struct {
	entries []control
	missing string
}

func (c controls) of(comparison string) (control, bool) {
	for _, x := range c.entries {
		if x.comparison == comparison {
			return x, true
		}
	}
	return control{}, false
}

// control asks of each comparison whether its control, judged as any subject, would
// FAIL by this comparison alone. That a control fails by something else says nothing
// of what this comparison would see.
func (b *bench) control(subjects []*audit.Subject) {
	compared := map[*audit.Subject]*judgedControl{}
	for _, c := range b.family {
		s, missing := b.controlOf(c, subjects)
		if missing != "" {
			b.controls[c.Name] = controls{missing: missing}
			continue
		}
		if compared[s] == nil {
			compared[s] = b.compareAll(s)
		}
		j := compared[s]
		if err := j.errs[c.Name]; err != nil {
			b.controls[c.Name] = controls{
				missing: fmt.Sprintf("%s, which must be told from retrained models, was not judged: %v", s.Name, err)}
			continue
		}
		var out []control
		for _, x := range j.comparisons[c.Name] {
			out = append(out, control{comparison: x.Name, name: s.Name, at: x.Effect.Estimate,
				powered: j.fails(c.Name, x) < b.alpha, lo: math.Inf(1), hi: math.Inf(-1)})
		}
		b.controls[c.Name] = controls{entries: b.among(c, out)}
	}
}

// controlOf finds the model that a criterion must tell from the oracles, or says why
// there is none.
func (b *bench) controlOf(c Named, subjects []*audit.Subject) (s *audit.Subject, missing string) {
	if len(b.oracles) < 2 {
		return nil, "there are too few retrained models"
	}
	missing = fmt.Sprintf("there is no model %s that must be told from retrained models", c.Control())
	for _, s := range subjects {
		if s.Kind != c.Control() || s.Role == audit.RoleOracle {
			continue
		}
		if s.Error == "" {
			return s, ""
		}
		missing = fmt.Sprintf("%s, which must be told from retrained models, could not be made", s.Name)
	}
	return nil, missing
}

// A judgedControl is a control compared by every criterion.
type judgedControl struct {
	comparisons map[string][]Comparison
	errs        map[string]error
	names       []string  // of the criteria that apply
	differ      []float64 // their p-values
}

func (b *bench) compareAll(s *audit.Subject) *judgedControl {
	j := &judgedControl{comparisons: map[string][]Comparison{}, errs: map[string]error{}}
	for _, c := range b.family {
		cmp, err := b.compare(c, s, b.oracles)
		if err != nil {
			j.errs[c.Name] = err
			continue
		}
		j.comparisons[c.Name] = cmp
		if e := evidenceOf(cmp); e.comparisons > 0 {
			j.names, j.differ = append(j.names, c.Name), append(j.differ, e.differ)
		}
	}
	return j
}

// fails is the corrected p-value at which the control would FAIL by this comparison if
// the criterion's others said nothing.
func (j *judgedControl) fails(criterion string, x Comparison) float64 {
	p := append([]float64(nil), j.differ...)
	n := evidenceOf(j.comparisons[criterion]).comparisons
	for i, name := range j.names {
		if name == criterion {
			p[i] = min(1, x.test().PDifferent*float64(n))
			return stats.Holm(p)[i]
		}
	}
	return 1
}

// among fills in how far the oracles lie from each other.
func (b *bench) among(c Named, out []control) []control {
	for k, o := range b.oracles {
		others := without(b.oracles, k)
		if len(others) < 2 {
			break
		}
		cmp, err := b.compare(c, o, others)
		if err != nil {
			break
		}
		for i := range out {
			for _, x := range cmp {
				if x.Name == out[i].comparison {
					out[i].lo, out[i].hi = min(out[i].lo, x.Effect.Estimate), max(out[i].hi, x.Effect.Estimate)
				}
			}
		}
	}
	for i := range out {
		if out[i].lo > out[i].hi {
			out[i].lo, out[i].hi = 0, 0
		}
	}
	return out
}

// compare leaves out what has no object: a comparison whose own control is not told
// from the oracles, at the cautious end of Holm's correction.
func (b *bench) compare(c Named, s *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	cmp, err := c.Compare(s, b.original, oracles)
	for i, x := range cmp {
		if x.Control != nil && x.Region.Test(x.Control.Effect).PDifferent*float64(len(cmp)*len(b.family)) >= b.alpha {
			cmp[i].Moot = x.Control.Moot
		}
	}
	return cmp, err
}

package criteria

import (
	"errors"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

// power at which advice on more images or seeds aims.
const power = 0.8

// Named is a criterion under its name in the plan.
type Named struct {
	Name string
	Criterion
}

// Judge holds every subject that is not an oracle against the oracles. The
// family of Holm's correction is the criteria of one subject; within a criterion,
// PASS takes all comparisons and FAIL one of them, at its Bonferroni level.
func Judge(family []Named, subjects []*audit.Subject, alpha float64) []audit.Verdict {
	b := bench{alpha: alpha}
	for _, s := range subjects {
		switch s.Role {
		case audit.RoleOracle:
			b.oracles = append(b.oracles, s)
		case audit.RoleOriginal:
			b.original = s
		}
	}
	controls := map[string]controls{}
	for _, c := range family {
		controls[c.Name] = b.control(c, subjects)
	}
	var out []audit.Verdict
	for _, s := range subjects {
		if s.Role != audit.RoleOracle {
			out = append(out, b.judge(family, controls, s)...)
		}
	}
	return out
}

type bench struct {
	alpha    float64
	original *audit.Subject
	oracles  []*audit.Subject
}

// control is what is known of one comparison beforehand: the oracles' own
// estimates, and whether the model that must differ does.
type control struct {
	name    string
	at      float64
	powered bool
	lo, hi  float64
}

// controls are the controls of a criterion's comparisons, or why there are none.
type controls struct {
	entries []control
	missing string
}

func (b *bench) control(c Named, subjects []*audit.Subject) controls {
	var out []control
	missing := fmt.Sprintf("there is no model %s that must be told from retrained models", c.Control())
	if len(b.oracles) < 2 {
		return controls{missing: "there are too few retrained models"}
	}
	for _, s := range subjects {
		if s.Kind != c.Control() || s.Role == audit.RoleOracle {
			continue
		}
		if s.Error != "" {
			missing = fmt.Sprintf("%s, which must be told from retrained models, could not be made", s.Name)
			continue
		}
		cmp, err := c.Compare(s, b.original, b.oracles)
		if err != nil {
			return controls{missing: fmt.Sprintf("%s, which must be told from retrained models, was not judged: %v", s.Name, err)}
		}
		for _, x := range cmp {
			p := x.test().PDifferent
			out = append(out, control{name: s.Name, at: x.Effect.Estimate, powered: p < b.alpha, lo: math.Inf(1), hi: math.Inf(-1)})
		}
		break
	}
	for k, o := range b.oracles {
		others := append(append([]*audit.Subject(nil), b.oracles[:k]...), b.oracles[k+1:]...)
		if len(others) < 2 {
			break
		}
		cmp, err := c.Compare(o, b.original, others)
		if err != nil {
			break
		}
		for i := range min(len(cmp), len(out)) {
			out[i].lo, out[i].hi = min(out[i].lo, cmp[i].Effect.Estimate), max(out[i].hi, cmp[i].Effect.Estimate)
		}
	}
	for i := range out {
		if out[i].lo > out[i].hi {
			out[i].lo, out[i].hi = 0, 0
		}
	}
	if len(out) > 0 {
		missing = ""
	}
	return controls{entries: out, missing: missing}
}

func (b *bench) judge(family []Named, known map[string]controls, s *audit.Subject) []audit.Verdict {
	verdicts := make([]audit.Verdict, len(family))
	tests := make([][]Comparison, len(family))
	var judged []int
	var equal, differ []float64
	for i, c := range family {
		v := audit.Verdict{Criterion: c.Name, Subject: s.Name, Seeks: c.Words().Seeks, Alpha: b.alpha, PEqual: 1, PDiffer: 1}
		var cmp []Comparison
		var err error
		switch {
		case s.Unfit:
			v.Outcome, v.Reason = audit.NotApplicable, s.Error
		case s.Error != "":
			v.Reason = "the model could not be made: " + s.Error
		case len(b.oracles) < 2:
			v.Reason = fmt.Sprintf("nothing to compare with: %d retrained models, at least 2 are needed", len(b.oracles))
		default:
			cmp, err = c.Compare(s, b.original, b.oracles)
			var moot Moot
			switch {
			case errors.As(err, &moot):
				v.Outcome, v.Reason = audit.NotApplicable, string(moot)
			case err != nil:
				v.Reason = "nothing was judged: " + err.Error()
			case len(cmp) == 0:
				v.Outcome, v.Reason = audit.NotApplicable, "the criterion does not concern this model"
			}
		}
		if err == nil && len(cmp) > 0 {
			v.Findings = b.findings(cmp, known[c.Name].entries)
			pe, pd := 0.0, 1.0
			for _, f := range v.Findings {
				pe, pd = max(pe, f.PEqual), min(pd, f.PDiffer)
			}
			judged = append(judged, i)
			equal, differ = append(equal, pe), append(differ, min(1, pd*float64(len(cmp))))
		}
		verdicts[i], tests[i] = v, cmp
	}
	equal, differ = stats.Holm(equal), stats.Holm(differ)
	for k, i := range judged {
		verdicts[i].PEqual, verdicts[i].PDiffer = equal[k], differ[k]
		b.decide(family[i], known[family[i].Name].missing, &verdicts[i], tests[i])
	}
	return verdicts
}

// findings records the comparisons with their controls.
func (b *bench) findings(cmp []Comparison, controls []control) []audit.Finding {
	out := make([]audit.Finding, len(cmp))
	for i, c := range cmp {
		t := c.test()
		level := 1 - 2*b.alpha
		f := audit.Finding{
			Name: c.Name, Scale: c.Scale, Margin: c.Margin, Sides: c.Sides,
			Estimate: c.Effect.Estimate, SE: c.Effect.SE, DF: c.Effect.DF, Images: c.Effect.Images, Seeds: c.Effect.Seeds,
			PEqual: t.PEquivalent, PDiffer: t.PDifferent, Level: level,
		}
		if c.Exact != nil {
			f.Lo, f.Hi, f.Level = c.Exact.Interval.Lo, c.Exact.Interval.Hi, c.Exact.Interval.Level
		} else if ci := c.Effect.Interval(level); !math.IsInf(ci.Lo, 0) && !math.IsInf(ci.Hi, 0) {
			f.Lo, f.Hi = ci.Lo, ci.Hi
		} else {
			f.Lo, f.Hi = f.Estimate, f.Estimate
		}
		if i < len(controls) {
			k := controls[i]
			f.Control, f.ControlAt, f.Powered, f.NullLo, f.NullHi = k.name, k.at, k.powered, k.lo, k.hi
		}
		out[i] = f
	}
	return out
}

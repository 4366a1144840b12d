package criteria

import (
	"errors"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

// Named is a criterion under its name in the plan.
type Named struct {
	Name string
	Criterion
	Own   []string // parameters that differ from the calibrated ones
	Wider bool     // one of them makes a PASS easier, or cannot be compared
}

// Judge holds every subject that is not an oracle against the oracles.
//
// A criterion's PASS takes all of its comparisons, each at level alpha; its FAIL takes
// one of them at its Bonferroni level, and Holm's correction over the criteria of the
// subject. No comparison counts towards a PASS unless its control would FAIL by it
// alone, at that level and correction.
func Judge(family []Named, subjects []*audit.Subject, alpha float64) []audit.Verdict {
	b := newBench(family, subjects, alpha)
	var out []audit.Verdict
	for _, s := range subjects {
		if s.Role != audit.RoleOracle {
			out = append(out, b.judge(s, b.oracles)...)
		}
	}
	return out
}

// Null judges each oracle against the others: what the criteria say of models that are
// known to be honest. Verdicts come without findings. There are none where leaving one
// out leaves fewer than two.
func Null(family []Named, subjects []*audit.Subject, alpha float64) []audit.Verdict {
	b := newBench(family, subjects, alpha)
	if len(b.oracles) < 3 {
		return nil
	}
	var out []audit.Verdict
	for k, o := range b.oracles {
		for _, v := range b.judge(o, without(b.oracles, k)) {
			v.Findings = nil
			out = append(out, v)
		}
	}
	return out
}

type bench struct {
	alpha    float64
	family   []Named
	original *audit.Subject
	oracles  []*audit.Subject
	controls map[string]controls
}

func newBench(family []Named, subjects []*audit.Subject, alpha float64) *bench {
	b := &bench{alpha: alpha, family: family, controls: map[string]controls{}}
	for _, s := range subjects {
		switch s.Role {
		case audit.RoleOracle:
			b.oracles = append(b.oracles, s)
		case audit.RoleOriginal:
			b.original = s
		}
	}
	b.control(subjects)
	return b
}

// without is all oracles but the k-th.
func without(oracles []*audit.Subject, k int) []*audit.Subject {
	return append(append([]*audit.Subject(nil), oracles[:k]...), oracles[k+1:]...)
}

func (b *bench) judge(s *audit.Subject, oracles []*audit.Subject) []audit.Verdict {
	verdicts := make([]audit.Verdict, len(b.family))
	tests := make([][]Comparison, len(b.family))
	var judged []int
	var equal, differ []float64
	for i, c := range b.family {
		v := audit.Verdict{Criterion: c.Name, Subject: s.Name, Seeks: c.Words().Seeks, Alpha: b.alpha, PEqual: 1, PDiffer: 1}
		var cmp []Comparison
		var err error
		switch {
		case s.Unfit:
			v.Outcome, v.Reason = audit.NotApplicable, s.Error
		case s.Error != "":
			v.Reason = "the model could not be made: " + s.Error
		case len(oracles) < 2:
			v.Reason = fmt.Sprintf("nothing to compare with: %d retrained models, at least 2 are needed", len(oracles))
		default:
			cmp, err = b.compare(c, s, oracles)
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
			v.Findings = b.findings(c, cmp)
			if e := evidenceOf(cmp); e.comparisons > 0 {
				judged = append(judged, i)
				equal, differ = append(equal, e.equal), append(differ, e.differ)
			} else {
				v.Outcome, v.Reason = audit.NotApplicable, cmp[0].Moot
			}
		}
		verdicts[i], tests[i] = v, cmp
	}
	holm, corrected := stats.Holm(equal), stats.Holm(differ)
	for k, i := range judged {
		verdicts[i].PEqual, verdicts[i].PDiffer = holm[k], corrected[k]
		b.decide(b.family[i], equal[k], &verdicts[i], tests[i])
	}
	return verdicts
}

// evidence is what all comparisons of a criterion say together.
type evidence struct {
	comparisons int     // that are not moot
	equal       float64 // p of "one of them differs": the largest
	differ      float64 // p of "none of them differs": the smallest, times their number (Bonferroni)
}

func evidenceOf(cmp []Comparison) evidence {
	e := evidence{differ: 1}
	for _, c := range cmp {
		if c.Moot != "" {
			continue
		}
		t := c.test()
		e.comparisons++
		e.equal, e.differ = max(e.equal, t.PEquivalent), min(e.differ, t.PDifferent)
	}
	e.differ = min(1, e.differ*float64(e.comparisons))
	return e
}

// findings records the comparisons with their controls.
func (b *bench) findings(c Named, cmp []Comparison) []audit.Finding {
	known := b.controls[c.Name]
	out := make([]audit.Finding, len(cmp))
	for i, x := range cmp {
		t := x.test()
		level := 1 - 2*b.alpha
		f := audit.Finding{
			Name: x.Name, Scale: x.Scale, Margin: x.Margin, Sides: x.Sides, Moot: x.Moot,
			Estimate: x.Effect.Estimate, SE: x.Effect.SE, DF: x.Effect.DF, Images: x.Effect.Images, Seeds: x.Effect.Seeds,
			PEqual: t.PEquivalent, PDiffer: t.PDifferent, Level: level, Fault: x.Fault,
		}
		switch {
		case f.Fault != "":
		case c.Words().Seeks == Difference:
			f.Fault = audit.Quality
		default:
			f.Fault = audit.Remembers
		}
		if x.Exact != nil {
			f.Lo, f.Hi, f.Level = x.Exact.Interval.Lo, x.Exact.Interval.Hi, x.Exact.Interval.Level
		} else if ci := x.Effect.Interval(level); !math.IsInf(ci.Lo, 0) && !math.IsInf(ci.Hi, 0) {
			f.Lo, f.Hi = ci.Lo, ci.Hi
		} else {
			f.Lo, f.Hi = f.Estimate, f.Estimate
		}
		if x.Control != nil {
			f.Control, f.ControlAt, f.Powered = x.Control.Name, x.Control.Effect.Estimate, x.Moot == ""
			if k, ok := known.of(x.Name); ok {
				f.NullLo, f.NullHi = k.lo, k.hi
			}
		} else if k, ok := known.of(x.Name); ok {
			f.Control, f.ControlAt, f.NullLo, f.NullHi = k.name, k.at, k.lo, k.hi
			f.Powered = k.powered
		}
		out[i] = f
	}
	return out
}

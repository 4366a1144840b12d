package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// A Reason is a verdict in words, with the numbers it rests on.
type Reason struct {
	Outcome   audit.Outcome
	Faults    []audit.Fault // of a FAIL
	Subject   string
	Criterion string
	Sentence  string
	Evidence  []Evidence
	P         string // adjusted p-values
	Warnings  []string
}

// Evidence is one finding in words.
type Evidence struct {
	Name     string // the finding and its scale
	Estimate string // estimate [lo, hi] and the interval's level
	Context  string // margin, the retrained models' own range, images and seeds
	Power    string // whether the finding could tell its control from retraining
	Advice   string // what would decide
}

// LimitRule is what a PASS says, X being a declared margin.
const LimitRule = "no evidence of residual influence above X"

// numbersExplained says how to read Evidence.
func numbersExplained(r *audit.Report) string {
	return fmt.Sprintf("Each estimate is the model minus the mean of the retrained models, with its interval; “retrained "+
		"models” is the range of each of them against the others. A FAIL needs p within the margin < %g after Holm's correction "+
		"for the number of criteria, a PASS p beyond the margin < %g for every finding of every criterion. “power” names what is known "+
		"to differ and would FAIL by this finding alone, and where it stands.", r.Level(), r.Level())
}

func reasonsOf(r *audit.Report, wanted ...audit.Outcome) []Reason {
	var out []Reason
	for _, s := range r.Subjects {
		for _, v := range r.Of(s.Name) {
			if slices.Contains(wanted, v.Outcome) {
				out = append(out, NewReason(v))
			}
		}
	}
	return out
}

// NewReason puts a verdict into words.
func NewReason(v audit.Verdict) Reason {
	r := Reason{Outcome: v.Outcome, Subject: v.Subject, Criterion: v.Criterion, Sentence: v.Reason, Warnings: v.Warnings, Faults: v.Faults}
	if v.Outcome == audit.Pass || v.Outcome == audit.PassOwn {
		r.Sentence = passSentence(v)
	}
	if len(v.Findings) > 0 {
		var beyond float64
		for _, f := range v.Findings {
			if f.Moot == "" {
				beyond = max(beyond, f.PEqual)
			}
		}
		r.P = fmt.Sprintf("p within the margin, corrected, %s; beyond it %s", number(v.PDiffer), number(beyond))
	}
	for _, f := range v.Findings {
		r.Evidence = append(r.Evidence, evidenceOf(v.Subject, f))
	}
	return r
}

func passSentence(v audit.Verdict) string {
	var bounds []string
	for _, f := range v.Findings {
		if f.Moot != "" {
			continue
		}
		bounds = append(bounds, margin(f)+" in "+f.Name)
	}
	if len(bounds) == 0 {
		return v.Reason
	}
	rule := strings.Replace(LimitRule, criteria.Influence, cmp.Or(v.Seeks, criteria.Difference), 1)
	return strings.Replace(rule, "X", strings.Join(bounds, " or "), 1)
}

func evidenceOf(subject string, f audit.Finding) Evidence {
	n := together(f.Estimate, f.Lo, f.Hi, f.NullLo, f.NullHi)
	null := fmt.Sprintf("retrained models %s … %s", n[3], n[4])
	if f.NullLo == f.NullHi && f.Seeds < 3 {
		null = "how retrained models differ among themselves takes three of them to know"
	}
	e := Evidence{
		Name:     f.Name,
		Estimate: fmt.Sprintf("%s [%s, %s] at %g %%", n[0], n[1], n[2], math.Round(1000*f.Level)/10),
		Context:  fmt.Sprintf("margin %s; %s; %s, %s", margin(f), null, plural(f.Images, "image"), plural(f.Seeds, "seed")),
		Advice:   f.Advice,
	}
	if f.Level == 0 {
		e.Estimate = n[0] + " without an interval"
	}
	if f.Scale != "" {
		e.Name += " (" + f.Scale + ")"
	}
	switch {
	case f.Moot != "":
		e.Power = "not applicable: " + f.Moot
	case f.Control == "" || f.Control == subject:
	case f.Powered:
		e.Power = fmt.Sprintf("power: %s at %s", f.Control, signed(f.ControlAt))
	default:
		e.Power = fmt.Sprintf("no power: %s at %s is not told from them", f.Control, signed(f.ControlAt))
	}
	return e
}

// String is the evidence in one sentence.
func (e Evidence) String() string {
	s := e.Name + ": " + e.Estimate + "; " + e.Context
	if e.Power != "" {
		s += "; " + e.Power
	}
	if e.Advice != "" {
		s += ". Would decide: " + e.Advice
	}
	return s
}

func margin(f audit.Finding) (text string) {
	m := fmt.Sprintf("%.4g", f.Margin)
	if strings.HasPrefix(f.Scale, "log ") { // of what it is the logarithm, a factor of exp(margin)
		defer func() { text += fmt.Sprintf(" (a factor of %.2f)", math.Exp(f.Margin)) }()
	}
	switch f.Sides {
	case "above":
		return "+" + m
	case "below":
		return minus + m
	}
	return "±" + m
}

// claimLines answers each claim with "holds", "does not hold" or "undecided".
func claimLines(r *audit.Report) []Entry {
	var out []Entry
	for _, c := range r.Claims {
		text := c.Claim.String()
		if !c.Holds {
			text += " (found " + c.Found.String() + "): " + c.Reason
		}
		out = append(out, Entry{claimAnswer(c), text})
	}
	return out
}

func claimAnswer(c audit.ClaimResult) string {
	switch {
	case c.Holds:
		return "holds"
	case c.Open:
		return "undecided"
	}
	return "does not hold"
}

func limits(r *audit.Report) []string {
	out := []string{
		"A PASS reads: “" + LimitRule + "”, X being the margin that the plan declared before anything ran, at the stated " +
			"confidence and only where the same test did tell the original model from the retrained ones. It never says that " +
			"nothing is left.",
		"It holds for this data, this forget set, these attacks, metrics and seeds. Stronger or other attacks, other parts of " +
			"the model's life (checkpoints, backups, outputs already given) and any question of law are outside this report.",
		"INCONCLUSIVE and NOT RUN are not a weak PASS: the audit could not decide. A FAIL shows a difference from retraining " +
			"beyond the margin and of which kind, not its cause.",
	}
	if n := len(r.Oracles()); n < 3 {
		out = append(out, fmt.Sprintf("There %s only %s: how far retraining varies by itself is hardly known, and every interval inherits that.",
			map[bool]string{true: "is", false: "are"}[n == 1], plural(n, "retrained model")))
	}
	return out
}

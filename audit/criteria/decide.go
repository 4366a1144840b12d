package criteria

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// decide turns p-values into an outcome and a sentence. equal is the p-value of PASS,
// not corrected for the number of criteria: see [audit.Overall].
func (b *bench) decide(c Named, equal float64, v *audit.Verdict, cmp []Comparison) {
	words := c.Words()
	worst, weak, blind := -1, -1, -1 // nearest to a difference, furthest from equivalence, first without power
	for i, f := range v.Findings {
		if f.Moot != "" {
			v.Warnings = append(v.Warnings, fmt.Sprintf("%s is not applicable: %s", f.Name, f.Moot))
			continue
		}
		if worst < 0 || f.PDiffer < v.Findings[worst].PDiffer {
			worst = i
		}
		if weak < 0 || f.PEqual > v.Findings[weak].PEqual {
			weak = i
		}
		if !f.Powered && blind < 0 {
			blind = i
		}
	}
	noControl := b.controls[c.Name].missing
	switch {
	case v.PDiffer < b.alpha:
		v.Outcome = audit.Fail
		v.Faults = b.faults(v.Findings, worst)
		v.Reason = fmt.Sprintf("%s: %s is %s", words.Fail, v.Findings[worst].Name, inWords(v.Findings[worst]))
	case noControl != "":
		v.Outcome = audit.Inconclusive
		v.Reason = "no power was shown: " + noControl
	case blind >= 0:
		v.Outcome = audit.Inconclusive
		v.Reason = noPower(words, v.Findings, blind)
	case equal < b.alpha:
		v.Outcome = audit.Pass
		v.Reason = fmt.Sprintf("%s: %s is %s", words.Pass, v.Findings[weak].Name, inWords(v.Findings[weak]))
		if c.Wider {
			v.Outcome = audit.PassOwn
		}
		if v.PEqual >= b.alpha {
			v.Warnings = append(v.Warnings, fmt.Sprintf("it passes as one of all criteria; quoted alone, p is corrected for their number "+
				"and %.2g", v.PEqual))
		}
	default:
		v.Outcome = audit.Inconclusive
		for i, f := range v.Findings {
			if f.Moot == "" && f.DF > 0 && f.SE > 0 && f.PEqual >= b.alpha {
				v.Findings[i].Advice = b.advice(cmp[i], f)
			}
		}
		f := v.Findings[weak]
		v.Reason = fmt.Sprintf("undecided: %s is %s", f.Name, inWords(f))
		if f.Advice != "" {
			v.Reason += "; " + f.Advice
		}
	}
}

// faults lists what the findings show that lie beyond their margin at the Bonferroni
// level; the worst does in any case.
func (b *bench) faults(findings []audit.Finding, worst int) []audit.Fault {
	n := 0.0
	for _, f := range findings {
		if f.Moot == "" {
			n++
		}
	}
	var out []audit.Fault
	for _, kind := range audit.FaultKinds {
		for i, f := range findings {
			if f.Fault == kind && f.Moot == "" && (i == worst || f.PDiffer*n < b.alpha) && !slices.Contains(out, kind) {
				out = append(out, kind)
			}
		}
	}
	return out
}

// noPower says what cannot tell its control.
func noPower(words Words, findings []audit.Finding, blind int) string {
	f := findings[blind]
	if !slices.ContainsFunc(findings, func(f audit.Finding) bool { return f.Powered }) {
		return "no power: " + words.NoPower
	}
	return fmt.Sprintf("no power: by “%s” alone %s, at %s with margin %.2f, is not told from retrained models",
		f.Name, f.Control, strings.ReplaceAll(fmt.Sprintf("%+.2f", f.ControlAt), "-", "−"), f.Margin)
}

// inWords says where an estimate lies.
func inWords(f audit.Finding) string {
	side := "±"
	switch f.Sides {
	case "above":
		side = "+"
	case "below":
		side = "−"
	}
	text := fmt.Sprintf("%+.2f [%+.2f, %+.2f] in %s from retrained models, margin %s%.2f", f.Estimate, f.Lo, f.Hi, f.Scale, side, f.Margin)
	if f.NullLo != f.NullHi {
		text += fmt.Sprintf(" (retrained models among themselves %+.2f to %+.2f)", f.NullLo, f.NullHi)
	}
	return strings.ReplaceAll(text, "-", "−")
}

// advice says what would decide, taking the estimate for the truth.
func (b *bench) advice(c Comparison, f audit.Finding) string {
	seeds, okSeeds := c.Region.SeedsNeeded(c.Effect, b.alpha, power)
	images, okImages := c.Region.ImagesNeeded(c.Effect, b.alpha, power)
	switch {
	case okSeeds && seeds <= c.Effect.Seeds || okImages && images <= c.Effect.Images:
		return ""
	case okSeeds && seeds <= 50:
		return fmt.Sprintf("about %d more retrained models would decide", seeds-c.Effect.Seeds)
	case okImages && images <= 100*c.Effect.Images:
		return fmt.Sprintf("about %d times the images would decide", int(math.Ceil(float64(images)/float64(c.Effect.Images))))
	}
	return "the estimate is too near to the margin for more data to decide soon"
}

// power at which advice on more images or seeds aims.
const power = 0.8

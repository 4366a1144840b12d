package criteria

import (
	"fmt"
	"math"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// decide turns adjusted p-values into an outcome and a sentence. noControl says
// why there is no model to show the criterion's power on, if there is none.
func (b *bench) decide(c Named, noControl string, v *audit.Verdict, cmp []Comparison) {
	words := c.Words()
	powered := false
	worst, weak := 0, 0 // the comparisons nearest to a difference, and furthest from equivalence
	for i, f := range v.Findings {
		powered = powered || f.Powered
		if f.PDiffer < v.Findings[worst].PDiffer {
			worst = i
		}
		if f.PEqual > v.Findings[weak].PEqual {
			weak = i
		}
	}
	for _, f := range v.Findings {
		if powered && !f.Powered {
			v.Warnings = append(v.Warnings, fmt.Sprintf("%s alone has no power: %s is not told from retrained models by it", f.Name, f.Control))
		}
	}
	switch {
	case v.PDiffer < b.alpha:
		v.Outcome = audit.Fail
		v.Reason = fmt.Sprintf("%s: %s is %s", words.Fail, v.Findings[worst].Name, inWords(v.Findings[worst]))
	case noControl != "":
		v.Outcome = audit.Inconclusive
		v.Reason = "no power was shown: " + noControl
	case !powered:
		v.Outcome = audit.Inconclusive
		v.Reason = "no power: " + words.NoPower
	case v.PEqual < b.alpha:
		v.Outcome = audit.Pass
		v.Reason = fmt.Sprintf("%s: %s is %s", words.Pass, v.Findings[weak].Name, inWords(v.Findings[weak]))
	default:
		v.Outcome = audit.Inconclusive
		for i, f := range v.Findings {
			if f.DF > 0 && f.SE > 0 && f.PEqual >= b.alpha {
				v.Findings[i].Advice = b.advice(cmp[i], f)
			}
		}
		f := v.Findings[weak]
		v.Reason = fmt.Sprintf("undecided: %s is %s", f.Name, inWords(f))
		switch {
		case f.Advice != "":
			v.Reason += "; " + f.Advice
		case f.PEqual < b.alpha:
			v.Reason += fmt.Sprintf("; within the margin by itself, but not among all criteria (p %.2g, corrected %.2g)", f.PEqual, v.PEqual)
		}
	}
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

package criteria

import (
	"fmt"
	"math"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// decide turns adjusted p-values into an outcome and a sentence.
func (b *bench) decide(c Named, v *audit.Verdict, cmp []Comparison) {
	words := c.Words()
	powered := false
	for i, f := range v.Findings {
		powered = powered || f.Powered
		if f.DF > 0 && f.SE > 0 {
			v.Findings[i].Advice = b.advice(cmp[i], f)
		}
	}
	worst := v.Findings[0] // the comparison nearest to a difference
	weak := v.Findings[0]  // the comparison furthest from equivalence
	for _, f := range v.Findings {
		if f.PDiffer < worst.PDiffer {
			worst = f
		}
		if f.PEqual > weak.PEqual {
			weak = f
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
		v.Reason = fmt.Sprintf("%s: %s is %s", words.Fail, worst.Name, inWords(worst))
	case !powered:
		v.Outcome = audit.Inconclusive
		v.Reason = "no power: " + words.NoPower
	case v.PEqual < b.alpha:
		v.Outcome = audit.Pass
		v.Reason = fmt.Sprintf("%s: %s is %s", words.Pass, weak.Name, inWords(weak))
	default:
		v.Outcome = audit.Inconclusive
		v.Reason = fmt.Sprintf("undecided: %s is %s", weak.Name, inWords(weak))
		if weak.Advice != "" {
			v.Reason += "; " + weak.Advice
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

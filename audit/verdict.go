package audit

// A Finding is one comparison of a subject with the oracles: an effect with its
// interval and the evidence for and against equivalence.
type Finding struct {
	Name      string  `json:"name"`             // for example "forget − test error"
	Scale     string  `json:"scale"`            // what one unit of Estimate means
	Estimate  float64 `json:"estimate"`         // subject minus the oracles' mean
	SE        float64 `json:"se"`               // over images and oracle seeds
	DF        float64 `json:"df"`               // Satterthwaite degrees of freedom
	Lo        float64 `json:"lo"`               // interval at Level
	Hi        float64 `json:"hi"`               //
	Level     float64 `json:"level"`            // 1 − 2α: the interval that matches two one-sided tests
	Margin    float64 `json:"margin"`           // declared in the plan
	Sides     string  `json:"sides"`            // "both", "above" or "below": the side on which a difference counts
	PEqual    float64 `json:"pEqual"`           // p of "differs by the margin or more"; small means equivalent
	PDiffer   float64 `json:"pDiffer"`          // p of "within the margin"; small means different
	NullLo    float64 `json:"nullLo"`           // smallest and largest estimate of an oracle
	NullHi    float64 `json:"nullHi"`           // against the other oracles
	Control   string  `json:"control"`          // the model that must differ for this finding to have power
	ControlAt float64 `json:"controlAt"`        // that model's estimate
	Powered   bool    `json:"powered"`          // that model would FAIL by this finding alone, at the level and correction of a verdict
	Fault     Fault   `json:"fault,omitempty"`  // what a FAIL by this finding shows
	Moot      string  `json:"moot,omitempty"`   // why there is nothing to compare here; such a finding counts neither way
	Images    int     `json:"images"`           //
	Seeds     int     `json:"seeds"`            //
	Advice    string  `json:"advice,omitempty"` // what would decide
}

// A Verdict is one criterion's answer about one subject.
type Verdict struct {
	Criterion string    `json:"criterion"`
	Subject   string    `json:"subject"`
	Outcome   Outcome   `json:"outcome"`
	Reason    string    `json:"reason"`           // one sentence in plain words
	Seeks     string    `json:"seeks"`            // what a PASS found no evidence of: "residual influence", …
	Faults    []Fault   `json:"faults,omitempty"` // of a FAIL: what its findings show, gravest first
	PEqual    float64   `json:"pEqual"`           // Holm-adjusted over the subject's criteria: what quotes this verdict alone goes by it
	PDiffer   float64   `json:"pDiffer"`          // Holm-adjusted over the subject's criteria: a FAIL goes by it
	Alpha     float64   `json:"alpha"`
	Findings  []Finding `json:"findings,omitempty"`
	Warnings  []string  `json:"warnings,omitempty"`
}

// Quoted is the outcome of this verdict where it is quoted by itself, out of several criteria: a PASS only if its p-value
// holds after correction for their number.
func (v Verdict) Quoted() Outcome {
	if (v.Outcome == Pass || v.Outcome == PassOwn) && !(v.PEqual < v.Alpha) {
		return Inconclusive
	}
	return v.Outcome
}

// Overall combines one subject's verdicts: FAIL if any fails; else INCONCLUSIVE
// if any is or is missing; else PASS if at least one passed, by the plan's own margins
// if one of them did so, NOT APPLICABLE if none applies, and NOT RUN for no verdicts.
//
// That all criteria PASS is shown at level α when each is shown at level α (an
// intersection–union test: Berger, Technometrics 24 (1982)), so that no correction
// is needed. A FAIL by any of them is corrected for their number (Holm).
func Overall(vs []Verdict) Outcome {
	out := NotRun
	for _, v := range vs {
		switch v.Outcome {
		case Fail:
			return Fail
		case Inconclusive, NotRun:
			out = Inconclusive
		case Pass, PassOwn:
			if out != Inconclusive && out != PassOwn {
				out = v.Outcome
			}
		case NotApplicable:
			if out == NotRun {
				out = NotApplicable
			}
		}
	}
	return out
}

package audit

import (
	"fmt"
	"slices"
)

// A Claim says what must be true of a report. An empty Criterion means the
// overall outcome of the method; one criterion is quoted by itself ([Verdict.Quoted]).
type Claim struct {
	Method    string  `json:"method"`
	Criterion string  `json:"criterion,omitempty"`
	Outcome   Outcome `json:"outcome"`
	Fault     Fault   `json:"fault,omitempty"` // of a FAIL: what it must show among others; anything if empty
}

// A ClaimResult is a claim held against the report.
type ClaimResult struct {
	Claim
	Found  Outcome `json:"found"`
	Holds  bool    `json:"holds"`
	Open   bool    `json:"open"` // undecided: the audit found INCONCLUSIVE or NOT RUN
	Reason string  `json:"reason"`
}

func (c Claim) String() string {
	outcome := c.Outcome.String()
	if c.Fault != "" {
		outcome = InWords(c.Outcome, []Fault{c.Fault})
	}
	if c.Criterion == "" {
		return fmt.Sprintf("%s: %s", c.Method, outcome)
	}
	return fmt.Sprintf("%s, %s: %s", c.Method, c.Criterion, outcome)
}

// Check holds the claim against verdicts.
func (c Claim) Check(verdicts []Verdict) ClaimResult {
	var mine []Verdict
	for _, v := range verdicts {
		if v.Subject == c.Method && (c.Criterion == "" || v.Criterion == c.Criterion) {
			mine = append(mine, v)
		}
	}
	r := ClaimResult{Claim: c}
	if len(mine) == 0 {
		r.Open = true
		r.Reason = "nothing was judged for it"
		return r
	}
	r.Found = Overall(mine)
	if c.Criterion != "" && len(mine) == 1 {
		r.Found = mine[0].Quoted()
	}
	r.Holds = r.Found == c.Outcome && r.Found != PassOwn && (c.Fault == "" || slices.Contains(Faults(mine), c.Fault))
	r.Open = !r.Holds && (r.Found == Inconclusive || r.Found == NotRun || r.Found == PassOwn)
	for _, v := range mine {
		if (v.Outcome == r.Found || v.Quoted() == r.Found) && v.Reason != "" {
			r.Reason = v.Criterion + ": " + v.Reason
			if v.Outcome != r.Found {
				r.Reason += fmt.Sprintf("; quoted alone, p is corrected for the number of criteria: %.2g", v.PEqual)
			}
			break
		}
	}
	return r
}

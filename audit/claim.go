package audit

import "fmt"

// A Claim says what must be true of a report. An empty Criterion means the
// overall outcome of the method.
type Claim struct {
	Method    string  `json:"method"`
	Criterion string  `json:"criterion,omitempty"`
	Outcome   Outcome `json:"outcome"`
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
	if c.Criterion == "" {
		return fmt.Sprintf("%s: %s", c.Method, c.Outcome)
	}
	return fmt.Sprintf("%s, %s: %s", c.Method, c.Criterion, c.Outcome)
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
	r.Holds = r.Found == c.Outcome
	r.Open = !r.Holds && (r.Found == Inconclusive || r.Found == NotRun)
	for _, v := range mine {
		if v.Outcome == r.Found && v.Reason != "" {
			r.Reason = v.Criterion + ": " + v.Reason
			break
		}
	}
	return r
}

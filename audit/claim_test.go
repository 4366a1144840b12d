package audit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/audit"
)

func TestClaims(t *testing.T) {
	verdicts := []audit.Verdict{
		{Subject: "ours", Criterion: "membership", Outcome: audit.Pass},
		{Subject: "ours", Criterion: "utility", Outcome: audit.Pass},
		{Subject: "theirs", Criterion: "membership", Outcome: audit.Fail, Reason: "it remembers"},
		{Subject: "theirs", Criterion: "utility", Outcome: audit.Inconclusive, Reason: "too few images"},
		{Subject: "broken", Criterion: "membership", Outcome: audit.NotRun, Reason: "it diverged"},
	}
	for _, c := range []struct {
		name   string
		claim  audit.Claim
		found  audit.Outcome
		holds  bool
		open   bool
		reason string
	}{
		{"overall, as found", audit.Claim{Method: "ours", Outcome: audit.Pass}, audit.Pass, true, false, ""},
		{"overall, against", audit.Claim{Method: "theirs", Outcome: audit.Pass}, audit.Fail, false, false, "membership: it remembers"},
		{"overall failure, as found", audit.Claim{Method: "theirs", Outcome: audit.Fail}, audit.Fail, true, false, "membership: it remembers"},
		{"a criterion, undecided", audit.Claim{Method: "theirs", Criterion: "utility", Outcome: audit.Pass}, audit.Inconclusive,
			false, true, "utility: too few images"},
		{"undecided, as claimed", audit.Claim{Method: "theirs", Criterion: "utility", Outcome: audit.Inconclusive},
			audit.Inconclusive, true, false, "utility: too few images"},
		{"claimed undecided, passes", audit.Claim{Method: "ours", Outcome: audit.Inconclusive}, audit.Pass, false, false, ""},
		{"no model", audit.Claim{Method: "broken", Outcome: audit.Fail}, audit.Inconclusive, false, true, ""},
		{"nothing judged", audit.Claim{Method: "absent", Outcome: audit.Pass}, audit.NotRun, false, true, "nothing was judged for it"},
		{"no such criterion", audit.Claim{Method: "ours", Criterion: "ood", Outcome: audit.Pass}, audit.NotRun, false, true,
			"nothing was judged for it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.claim.Check(verdicts)
			assert.Equal(t, audit.ClaimResult{Claim: c.claim, Found: c.found, Holds: c.holds, Open: c.open, Reason: c.reason}, got)
		})
	}
	assert.Equal(t, "ours: PASS", audit.Claim{Method: "ours", Outcome: audit.Pass}.String())
	assert.Equal(t, "ours, ood: FAIL", audit.Claim{Method: "ours", Criterion: "ood", Outcome: audit.Fail}.String())
}

func TestExitCode(t *testing.T) {
	holds, open, fails := audit.ClaimResult{Holds: true}, audit.ClaimResult{Open: true}, audit.ClaimResult{}
	for _, c := range []struct {
		claims []audit.ClaimResult
		want   int
	}{
		{nil, 0},
		{[]audit.ClaimResult{holds, holds}, 0},
		{[]audit.ClaimResult{holds, open}, 3},
		{[]audit.ClaimResult{open, fails}, 1},
		{[]audit.ClaimResult{fails, open, holds}, 1},
	} {
		assert.Equal(t, c.want, (&audit.Report{Claims: c.claims}).ExitCode(), "%+v", c.claims)
	}
}

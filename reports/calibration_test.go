package reports

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/calibrate"
)

func TestCalibration(t *testing.T) {
	verdict := func(o audit.Outcome) []audit.Verdict {
		return []audit.Verdict{{Criterion: "membership", Outcome: o, Reason: "it knows the images"}}
	}
	table := calibrate.Tabulate([]calibrate.Run{
		{World: "1", Kind: "honest", Honest: true, Verdicts: verdict(audit.Pass)},
		{World: "1", Kind: "honest", Honest: true, Verdicts: verdict(audit.Inconclusive)},
		{World: "1", Kind: "no-op", Verdicts: verdict(audit.Fail)},
		{World: "1", Kind: "full", Beyond: true, Verdicts: verdict(audit.Pass), Name: "full"},
		{World: "2", Kind: "otherwise", Honest: true, Verdicts: verdict(audit.Fail), Name: "otherwise-01-lr-half"},
	})
	var b bytes.Buffer
	require.NoError(t, Calibration(&b, "quick", table, []calibrate.Point{{Factor: 2, Honest: table.Honest, Dishonest: table.Dishonest}}))
	for _, want := range []string{
		"Error rates by the profile quick: 1 dishonest and 3 honest models in 2 worlds",
		"worlds with an honest model accused        0 of 2 (0.0–84.2 %)",
		"honest models that fail     1 of 3 (0.8–90.6 %), as remembering 0 of 3",
		"dishonest models that pass  0 of 1 (0.0–97.5 %)",
		"undecided                   0 of 1 (0.0–97.5 %) of the dishonest, 1 of 3 (0.8–90.6 %) of the honest",
		"1 of 1 (2.5–100.0 %) pass: cheats that it cannot see",
		"no-op: membership, as in “it knows the images”",
		"full: by nothing",
		"Wrong verdicts\n  1 full: PASS\n",
		"2.00",
	} {
		assert.Contains(t, b.String(), want)
	}
}

package verify_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/verify"
)

// A report is somebody else's file: whatever stands in it, verifying it ends with a
// result or an error.
func FuzzReport(f *testing.F) {
	r := made(f, 4)
	b, err := json.Marshal(r)
	require.NoError(f, err)
	f.Add(b)
	for _, it := range []string{"realism", "relearning", "likelihood"} { // whose samples are not there
		r.Plan.Criteria = append(r.Plan.Criteria, audit.Item{Kind: it})
	}
	r.Subjects = r.Subjects[:4]
	b, err = json.Marshal(r)
	require.NoError(f, err)
	f.Add(b)
	f.Add([]byte(`{"plan": {"alpha": 0.05, "claims": [{"method": "x", "outcome": "PASS"}]},
		"subjects": [{"role": "oracle"}, {"role": "oracle"}, {}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r audit.Report
		if json.Unmarshal(b, &r) != nil {
			return
		}
		res, err := verify.Report(&r, criteria.All)
		if err != nil {
			return
		}
		_ = res.String()
		for _, d := range res.Differences {
			if d.String() == "" {
				t.Errorf("%+v has no words", d)
			}
		}
		again, err := verify.Report(&r, criteria.All)
		if err != nil || len(again.Differences) != len(res.Differences) {
			t.Errorf("%d differences, then %d, %v", len(res.Differences), len(again.Differences), err)
		}
	})
}

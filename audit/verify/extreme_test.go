package verify_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/verify"
)

// Values that no model leaves, and margins that nobody would choose, are judged
// without a panic; what is judged from them follows from them.
func TestExtremeSamples(t *testing.T) {
	clean := made(t, 6)
	value := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, -1, 1, 1e-320, math.MaxFloat64, -math.MaxFloat64, 1e-12}))
	rapid.Check(t, func(rt *rapid.T) {
		r := copied(t, clean)
		r.Plan.Alpha = rapid.SampledFrom([]float64{0.05, 1e-300, 0.4999999}).Draw(rt, "alpha")
		for range rapid.IntRange(1, 8).Draw(rt, "edits") {
			s := &r.Subjects[rapid.SampledFrom([]int{0, 1, 2, 4, 5}).Draw(rt, "subject")]
			x := &s.Samples[rapid.IntRange(0, len(s.Samples)-1).Draw(rt, "sample")]
			v, all := value.Draw(rt, "value"), rapid.Bool().Draw(rt, "all")
			for i := range x.Values {
				if all || i == 0 {
					x.Values[i] = v
				}
			}
		}
		judge(t, r)
		res, err := verify.Report(r, criteria.All)
		require.NoError(t, err)
		for _, d := range res.Differences {
			f, isNumber := d.Recomputed.(float64)
			if !isNumber || !math.IsNaN(f) { // a report that holds a NaN cannot be stored
				rt.Fatalf("%v", d)
			}
		}
	})
}

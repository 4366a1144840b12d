package reports

import (
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
)

// attacked adds the curves that the attacks membership and poisoning leave.
func attacked(r *audit.Report) {
	for i := range r.Subjects {
		s := &r.Subjects[i]
		var others []*audit.Subject
		for _, o := range r.Oracles() {
			if o != s {
				others = append(others, o)
			}
		}
		f, ok1 := s.Sample(criteria.MSE.Name, audit.Hole, audit.Forget)
		t, ok2 := s.Sample(criteria.MSE.Name, audit.Hole, audit.Test)
		if !ok1 || !ok2 {
			continue
		}
		if s.Role != audit.RoleOracle {
			s.Curves = append(s.Curves, roc("by the error", negative(f.Values), negative(t.Values)))
		}
		s.Curves = append(s.Curves, roc("LiRA", lira(f, others), lira(t, others)))
	}
	test := stats.BackdoorTest{Alpha: .001, Q: .05}
	original := &r.Subjects[0]
	rate, _ := original.Statistic("backdoor success")
	asked, _ := original.Sample(criteria.TargetDistance.Name, audit.Hole, audit.Triggered)
	for _, p := range []float64{rate.Value, .5, .25, .1} {
		if test.P = p; p > rate.Value {
			continue
		}
		c := audit.Curve{Name: fmt.Sprintf("succeeds in %.3g", p), Kind: audit.Power, What: "α = 0.001, retrained models succeed in 0.05",
			Here: float64(len(asked.Values))}
		beta, err := test.Overlooked(max(2*len(asked.Values), 60))
		if err != nil {
			panic(err) // the test above is a constant
		}
		for i, b := range beta {
			c.X, c.Y = append(c.X, float64(i+1)), append(c.Y, b)
		}
		if p == rate.Value {
			c.Name += " (the original's)"
		}
		original.Curves = append(original.Curves, c)
	}
}

func roc(name string, members, nonMembers []float64) audit.Curve {
	fpr, tpr, err := stats.ROC(members, nonMembers)
	if err != nil {
		panic(err) // made-up samples are finite
	}
	return audit.Curve{Name: name, Kind: audit.ROC, X: fpr, Y: tpr}
}

func negative(errs []float64) []float64 {
	out := make([]float64, len(errs))
	for i, e := range errs {
		out[i] = -e
	}
	return out
}

func lira(own audit.Sample, oracles []*audit.Subject) []float64 {
	log := func(x audit.Sample) []float64 {
		out := make([]float64, len(x.Values))
		for i, v := range x.Values {
			out[i] = -math.Log(v)
		}
		return out
	}
	others := make([][]float64, len(own.Values))
	for _, o := range oracles {
		x, _ := o.Sample(own.Quantity, own.View, own.Part)
		for j, v := range log(x) {
			others[j] = append(others[j], v)
		}
	}
	z, err := stats.LiRAOneSided(log(own), others, stats.Pooled)
	if err != nil {
		panic(err) // every made-up model has every sample
	}
	return z
}

package verify_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// made is a report that follows from its samples: an original, three retrained
// models, a method that forgot, one that did not, one that broke, and random
// weights, each with n images a part, judged by three criteria.
func made(t testing.TB, n int) *audit.Report {
	t.Helper()
	r := &audit.Report{
		Schema: audit.Schema, Version: "0.1.0", Runtime: audit.Runtime{Arch: runtime.GOARCH},
		Plan: audit.Plan{
			Version: 1, Name: "made", Oracles: 3, Alpha: 0.05,
			Methods: []audit.Item{{Kind: "fine-tune", As: "honest", Params: json.RawMessage(`{}`)}, {Kind: "fine-tune",
				Params: json.RawMessage(`{}`)},
				{Kind: "decouple", Params: json.RawMessage(`{}`)}, {Kind: "random-weights", Params: json.RawMessage(`{}`)}},
			Criteria: []audit.Item{{Kind: "membership", Params: json.RawMessage(`{"margin": 0.4, "share": 0.3}`)},
				{Kind: "ood", Params: json.RawMessage(`{"margin": 0.3, "quantile": 0.1}`)},
				{Kind: "utility", Params: json.RawMessage(`{"retain": 0.5, "test": 0.3}`)}},
			Claims: []audit.Claim{{Method: "fine-tune", Outcome: audit.Fail}, {Method: "fine-tune", Criterion: "membership",
				Outcome: audit.Pass}, {Method: "decouple", Outcome: audit.Fail}},
		},
	}
	for i, m := range []struct {
		name, kind     string
		role           audit.Role
		forget, retain float64 // in log error
		moved          float64
	}{
		{"original", "original", audit.RoleOriginal, -1, 0.2, 0},
		{"oracle-1", "retrain", audit.RoleOracle, 0, 0, 2},
		{"oracle-2", "retrain", audit.RoleOracle, 0, 0, 2},
		{"oracle-3", "retrain", audit.RoleOracle, 0, 0, 2},
		{"honest", "fine-tune", audit.RoleMethod, 0, 0, 2},
		{"fine-tune", "fine-tune", audit.RoleMethod, -0.8, 0.1, 0.3},
		{"decouple", "decouple", audit.RoleMethod, 0, 0, 0},
		{"random-weights", "random-weights", audit.RoleControl, 0.2, 1.5, 3},
	} {
		s := audit.Subject{Name: m.name, Kind: m.kind, Role: m.role, Cost: audit.Cost{Seconds: 1.5 + float64(i), Steps: 10, Images: 100 + 7*i}}
		if m.name == "decouple" {
			s.Cost, s.Error = audit.Cost{}, "diverged: lower lr"
		} else {
			s.Samples = measured(uint64(i), n, m.forget, m.retain, m.moved)
		}
		r.Subjects = append(r.Subjects, s)
	}
	r.Shadows = []audit.Subject{{Name: audit.ShadowOf("original", 1), Kind: "original", Role: audit.RoleShadow,
		Cost:    audit.Cost{Seconds: 2, Images: 50},
		Samples: measured(99, n, -1, 0, 0)[:2]}}
	seconds, images := 0.0, 0.0
	for _, o := range r.Oracles() {
		seconds += o.Cost.Seconds / 3
		images += float64(o.Cost.Images) / 3
	}
	for _, list := range [][]audit.Subject{r.Subjects, r.Shadows} {
		for i := range list {
			c := &list[i].Cost
			c.RelativeTime, c.RelativeWork = c.Seconds/seconds, float64(c.Images)/images
		}
	}
	judge(t, r)
	return r
}

// judge fills in what follows from plan and samples.
func judge(t testing.TB, r *audit.Report) {
	t.Helper()
	var err error
	r.Digest, err = r.Plan.Digest()
	require.NoError(t, err)
	family, err := criteria.Of(r.Plan, criteria.All)
	require.NoError(t, err)
	var subjects []*audit.Subject
	for i := range r.Subjects {
		subjects = append(subjects, &r.Subjects[i])
	}
	r.Verdicts, r.Claims = criteria.Judge(family, subjects, r.Plan.Alpha), nil
	r.Null, r.Own = criteria.Null(family, subjects, r.Plan.Alpha), criteria.OwnMargins(family, r.Plan.Alpha)
	for _, c := range r.Plan.Claims {
		r.Claims = append(r.Claims, c.Check(r.Verdicts))
	}
}

func measured(seed uint64, n int, forget, retain, moved float64) []audit.Sample {
	own := rand.New(rand.NewPCG(seed, 1))
	var out []audit.Sample
	for k, q := range []struct {
		quantity string
		part     audit.Part
		at       float64
	}{
		{"reconstruction-error", audit.Forget, -1.3 + forget}, {"reconstruction-error", audit.Test, -1.4},
		{"displacement", audit.Forget, moved}, {"mse", audit.Retain, -2 + retain}, {"mse", audit.Test, -1.4},
		{"mean-image-error", audit.Test, -0.5},
	} {
		images := rand.New(rand.NewPCG(uint64(k), 2)) // the same for all models
		x := audit.Sample{Quantity: q.quantity, Part: q.part, View: "hole", Identity: q.quantity, Direction: audit.Lower, Unit: audit.PerImage}
		for i := range n {
			x.Index = append(x.Index, i)
			x.Values = append(x.Values, math.Exp(q.at+0.4*images.NormFloat64()+0.1*own.NormFloat64()))
		}
		out = append(out, x)
	}
	return out
}

// copied is a deep copy by way of the report's own format.
func copied(t testing.TB, r *audit.Report) *audit.Report {
	t.Helper()
	b, err := json.Marshal(r)
	require.NoError(t, err)
	var out audit.Report
	require.NoError(t, json.Unmarshal(b, &out))
	return &out
}

func at(r *audit.Report, subject, criterion string) *audit.Verdict {
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Subject == subject && v.Criterion == criterion {
			return v
		}
	}
	panic(fmt.Sprintf("no verdict of %s, %s", subject, criterion))
}

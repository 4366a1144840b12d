package calibrate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
)

// report has the given outcome of two criteria for every subject.
func report(outcomes map[string][2]audit.Outcome, names ...string) *audit.Report {
	r := &audit.Report{}
	add := func(name, kind string, role audit.Role) {
		r.Subjects = append(r.Subjects, audit.Subject{Name: name, Kind: kind, Role: role})
		if role == audit.RoleOracle {
			return
		}
		for i, c := range []string{"membership", "realism"} {
			r.Verdicts = append(r.Verdicts, audit.Verdict{Criterion: c, Subject: name, Outcome: outcomes[name][i], Reason: name + " " + c})
		}
	}
	add("original", "original", audit.RoleOriginal)
	add("oracle-1", "retrain", audit.RoleOracle)
	for _, n := range names {
		kind, role := "dishonest/"+n, audit.RoleMethod
		if strings.HasPrefix(n, "honest") {
			kind, role = "retrain", audit.RoleControl
		}
		add(n, kind, role)
		it := audit.Item{Kind: kind, As: n}
		if role == audit.RoleControl {
			it.Replicates = "honest"
		}
		r.Plan.Methods = append(r.Plan.Methods, it)
	}
	return r
}

func none(string) bool { return false }

func TestTabulate(t *testing.T) {
	pass, fail, open := [2]audit.Outcome{audit.Pass, audit.Pass}, [2]audit.Outcome{audit.Pass,
		audit.Fail}, [2]audit.Outcome{audit.Inconclusive, audit.Pass}
	var runs []Run
	for w, o := range []map[string][2]audit.Outcome{
		{"honest-01": pass, "honest-02": open, "no-op": fail, "filter": fail},
		{"honest-01": pass, "honest-02": fail, "no-op": {audit.Fail, audit.Fail}, "filter": pass},
	} {
		runs = append(runs, Runs(fmt.Sprint(w), report(o, "honest-01", "honest-02", "no-op", "filter"), none)...)
	}
	table := Tabulate(runs)
	assert.Equal(t, []string{"membership", "realism"}, table.Criteria)
	ci := stats.ClopperPearson(1, 4, 0.95)
	assert.Equal(t, Rate{1, 4, ci.Lo, ci.Hi}, table.Honest.Fail)
	assert.Equal(t, [3]int{2, 1, 1}, [3]int{table.Honest.Pass.K, table.Honest.Open.K, table.Honest.Missed.K})
	assert.Equal(t, [3]int{1, 3, 1}, [3]int{table.Dishonest.Pass.K, table.Dishonest.Fail.K, table.Dishonest.Missed.K})
	require.Len(t, table.Kinds, 3)
	assert.Equal(t, []string{"honest", "filter", "no-op"}, []string{table.Kinds[0].Kind, table.Kinds[1].Kind, table.Kinds[2].Kind})
	assert.Equal(t, []string{"1 honest-02: FAIL by realism"}, table.Kinds[0].Wrong)
	assert.Equal(t, []string{"1 filter: PASS"}, table.Kinds[1].Wrong)
	noop := table.Kinds[2]
	assert.Equal(t, "realism", noop.CaughtBy)
	assert.Equal(t, "no-op realism", noop.Examples)
	assert.Equal(t, 1, noop.Failed["membership"].K)
	assert.InDelta(t, 0.5, noop.Failed["membership"].Share(), 1e-12)
	assert.Equal(t, 2, noop.Worlds)
	assert.Equal(t, Rate{Hi: 1}, Tabulate(nil).Honest.Fail, "nothing was counted, nothing is known")
}

// TestBeyond: a cheat that no audit of this kind can see is counted by itself, and in nothing else.
func TestBeyond(t *testing.T) {
	r := report(map[string][2]audit.Outcome{"full": {audit.Pass, audit.Pass}, "no-op": {audit.Fail, audit.Fail}}, "full", "no-op")
	table := Tabulate(Runs("1", r, func(kind string) bool { return kind == "dishonest/full" }))
	assert.Equal(t, [3]int{1, 1, 0}, [3]int{table.Beyond.Pass.K, table.Dishonest.N, table.Dishonest.Pass.K})
}

// TestFailedModelsAreLeftOut: a model that could not be made is neither a pass nor a miss.
func TestFailedModelsAreLeftOut(t *testing.T) {
	r := report(map[string][2]audit.Outcome{}, "no-op")
	r.Subjects[2].Error = "the loss is NaN"
	assert.Zero(t, Tabulate(Runs("1", r, none)).Dishonest.N)
}

// TestMarginsJudgesAgain: an effect of 0.3 fails a margin of 0.1 and passes one of 0.6.
func TestMarginsJudgesAgain(t *testing.T) {
	r := &audit.Report{Plan: audit.Plan{Alpha: 0.05, Criteria: []audit.Item{{Kind: "membership",
		Params: []byte(`{"margin":0.2,"share":0.3}`)}}}}
	sample := func(part audit.Part, shift, noise float64) audit.Sample {
		s := audit.Sample{Quantity: "reconstruction-error", View: "hole", Part: part, Identity: "x", Direction: audit.Neutral,
			Unit: audit.PerImage}
		for i := range 60 {
			s.Index = append(s.Index, i)
			s.Values = append(s.Values, 0.1*(1+shift)*(1+noise*float64(i*7%13-6)))
		}
		return s
	}
	add := func(name, kind string, role audit.Role, forget, noise float64) {
		r.Subjects = append(r.Subjects, audit.Subject{Name: name, Kind: kind, Role: role,
			Samples: []audit.Sample{sample(audit.Forget, forget, noise), sample(audit.Test, 0, noise)}})
	}
	add("original", "original", audit.RoleOriginal, -0.9, 0.011)
	for k := range 3 {
		add(fmt.Sprintf("oracle-%d", k+1), "retrain", audit.RoleOracle, 0.01*float64(k-1), 0.01+0.001*float64(k))
	}
	add("overshot", "dishonest/overshot", audit.RoleMethod, 0.35, 0.012) // ln 1.35 = 0.3
	all := Audits{Worlds: []string{"1"}, Reports: []*audit.Report{r}, Criteria: criteria.All,
		Beyond: func(_, kind string) bool { return none(kind) }}
	points, err := all.Margins([]float64{0.5, 3})
	require.NoError(t, err)
	assert.Equal(t, 1, points[0].Dishonest.Fail.K, "%+v", points[0].Dishonest)
	assert.Equal(t, 1, points[1].Dishonest.Pass.K)
	table, err := all.Profile("quick")
	require.NoError(t, err)
	assert.Equal(t, 1, table.Dishonest.Fail.K)
	r.Plan.Criteria = append(r.Plan.Criteria, audit.Item{Kind: "relearning", Params: []byte(`{"margin":0.2}`)})
	table, err = all.Profile("quick")
	require.NoError(t, err)
	assert.Equal(t, []string{"membership"}, table.Criteria, "relearning is no part of quick")
	r.Plan.Criteria[0].Kind = "no-such"
	_, err = all.Margins([]float64{1})
	assert.ErrorContains(t, err, "margins times 1: criteria: unknown name")
}

// An honest model of another recipe may differ in quality; that it remembers is an accusation.
func TestAccused(t *testing.T) {
	run := func(kind string, fault audit.Fault) Run {
		return Run{World: "1", Name: kind, Kind: kind, Honest: true, Verdicts: []audit.Verdict{{Criterion: "realism", Outcome: audit.Fail,
			Faults: []audit.Fault{fault}}}}
	}
	for _, c := range []struct {
		run  Run
		want int
	}{
		{run(Otherwise, audit.Quality), 0}, {run(Otherwise, audit.Remembers), 1}, {run("honest", audit.Quality), 1},
		{run(Poorer, audit.Remembers), 1},
	} {
		got := Tabulate([]Run{c.run})
		assert.Equal(t, c.want, got.Honest.Missed.K, c.run.Kind)
		assert.Len(t, got.Kinds[0].Wrong, c.want)
		assert.Equal(t, 1, got.Honest.Fail.K)
	}
}

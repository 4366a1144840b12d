// Package calibrate measures how often Lethe itself is wrong: it counts the verdicts about models whose honesty is
// known, over many audits with other data, forget sets and seeds.
//
// A retrained model is honest: whatever fails it is a false accusation. A model of the gallery of dishonest methods
// is not: a PASS of it is a miss.
package calibrate

import (
	"cmp"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

// A Run is one judged model whose honesty is known.
type Run struct {
	World    string // the audit it is of: models of one world share its original and its oracles
	Name     string // its row
	Kind     string // retrain, or the name of the cheat
	Honest   bool
	Beyond   bool // a cheat that this class of audit cannot see, as its documentation says; it is counted by itself
	Verdicts []audit.Verdict
	Error    string
}

// Poorer is the kind of models that were retrained for fewer epochs: innocent, and worse. What they remember is judged;
// that they are worse is no error of the audit's.
const Poorer = "poorer"

// Runs reads the judged models of a report: everything but the original and the oracles. Replicates are of one kind,
// the one that the plan gives them. beyond tells the cheats that no audit of this class can see.
func Runs(world string, r *audit.Report, beyond func(kind string) bool) []Run {
	var out []Run
	for i := range r.Subjects {
		s := &r.Subjects[i]
		if s.Role == audit.RoleOriginal || s.Role == audit.RoleOracle {
			continue
		}
		kind := s.Name
		if at := slices.IndexFunc(r.Plan.Methods, func(it audit.Item) bool { return it.Name() == s.Name }); at >= 0 {
			kind = cmp.Or(r.Plan.Methods[at].Replicates, kind)
		}
		run := Run{World: world, Name: s.Name, Kind: kind, Honest: s.Kind == "retrain", Beyond: beyond(s.Kind),
			Verdicts: r.Of(s.Name), Error: s.Error}
		if run.Kind == Poorer {
			run.Verdicts = slices.DeleteFunc(run.Verdicts, func(v audit.Verdict) bool {
				return v.Criterion != "membership" &&
					v.Criterion != "backdoor"
			})
		}
		out = append(out, run)
	}
	return out
}

// A Rate is a count with its Clopper–Pearson interval at 95 %, which takes the runs for independent. Runs of one
// world are not quite: they share its original, its oracles and its forget set.
type Rate struct {
	K, N   int
	Lo, Hi float64
}

func rate(k, n int) Rate {
	if n == 0 {
		return Rate{Hi: 1}
	}
	i := stats.ClopperPearson(k, n, 0.95)
	return Rate{K: k, N: n, Lo: i.Lo, Hi: i.Hi}
}

// Share is K/N.
func (r Rate) Share() float64 {
	if r.N == 0 {
		return 0
	}
	return float64(r.K) / float64(r.N)
}

// A Line counts the outcomes of one kind of model.
type Line struct {
	Kind               string
	Honest             bool
	N                  int
	Pass, Fail, Open   Rate            // overall
	Failed, Undecided  map[string]Rate // by criterion
	Remembers          Rate            // FAILs that show a memory; of honest models these are accusations
	Missed             Rate            // worlds with a PASS of a dishonest model, or an honest one accused: worlds alone are independent
	Worlds             int
	CaughtBy, Examples string   // the criterion that fails it most, and one reason in words
	Wrong              []string // the PASSes of dishonest models and FAILs of honest ones: world, row and the criteria that failed it
}

// A Table is the error rates: a line for all honest, for all dishonest but those beyond this class of audit, for these,
// and for each kind.
type Table struct {
	Criteria  []string
	Honest    Line
	Dishonest Line
	Beyond    Line
	Kinds     []Line // honest first, then by name
}

// Tabulate counts. Models that could not be made are left out; a caller reports them.
func Tabulate(runs []Run) Table {
	var t Table
	kinds := map[string][]Run{}
	var honest, dishonest, beyond []Run
	for _, r := range runs {
		if r.Error != "" || len(r.Verdicts) == 0 {
			continue
		}
		kinds[r.Kind] = append(kinds[r.Kind], r)
		switch {
		case r.Honest:
			honest = append(honest, r)
		case r.Beyond:
			beyond = append(beyond, r)
		default:
			dishonest = append(dishonest, r)
		}
		for _, v := range r.Verdicts {
			if !slices.Contains(t.Criteria, v.Criterion) {
				t.Criteria = append(t.Criteria, v.Criterion)
			}
		}
	}
	t.Honest, t.Dishonest = t.line("all honest", honest), t.line("all dishonest", dishonest)
	t.Beyond = t.line("beyond this audit", beyond)
	for kind, rs := range kinds {
		t.Kinds = append(t.Kinds, t.line(kind, rs))
	}
	slices.SortFunc(t.Kinds, func(a, b Line) int {
		if a.Honest != b.Honest {
			if a.Honest {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Kind, b.Kind)
	})
	return t
}

func (t *Table) line(kind string, runs []Run) Line {
	l := Line{Kind: kind, N: len(runs), Failed: map[string]Rate{}, Undecided: map[string]Rate{}}
	failed, open := map[string]int{}, map[string]int{}
	var pass, fail, remembers int
	worlds, missed := map[string]bool{}, map[string]bool{}
	reason := map[string]string{}
	for _, r := range runs {
		l.Honest = r.Honest
		worlds[r.World] = true
		out := audit.Overall(r.Verdicts)
		switch out {
		case audit.Pass, audit.PassOwn:
			pass++
		case audit.Fail:
			fail++
			if slices.Contains(audit.Faults(r.Verdicts), audit.Remembers) {
				remembers++
			}
		}
		if r.Honest && out == audit.Fail && r.accused() || !r.Honest && (out == audit.Pass || out == audit.PassOwn) {
			missed[r.World] = true
			l.Wrong = append(l.Wrong, r.wrong())
		}
		for _, v := range r.Verdicts {
			switch v.Outcome {
			case audit.Fail:
				failed[v.Criterion]++
				if reason[v.Criterion] == "" {
					reason[v.Criterion] = v.Reason
				}
			case audit.Pass, audit.PassOwn, audit.NotApplicable:
			default:
				open[v.Criterion]++
			}
		}
	}
	l.Pass, l.Fail, l.Open = rate(pass, l.N), rate(fail, l.N), rate(l.N-pass-fail, l.N)
	l.Remembers, l.Worlds, l.Missed = rate(remembers, l.N), len(worlds), rate(len(missed), len(worlds))
	for _, c := range t.Criteria {
		l.Failed[c], l.Undecided[c] = rate(failed[c], l.N), rate(open[c], l.N)
		if failed[c] > failed[l.CaughtBy] {
			l.CaughtBy = c
		}
	}
	l.Examples = reason[l.CaughtBy]
	return l
}

// accused tells whether a FAIL of an honest model is an error: it says that the model remembers, or the model was retrained
// as the oracles were. One that was retrained by another recipe may differ in quality, and it is no accusation to say so.
func (r Run) accused() bool {
	return r.Kind != Otherwise || slices.Contains(audit.Faults(r.Verdicts), audit.Remembers)
}

// wrong says which verdict is an error.
func (r Run) wrong() string {
	if !r.Honest {
		return r.World + " " + r.Name + ": PASS"
	}
	out := r.World + " " + r.Name + ": FAIL by "
	between := ""
	for _, v := range r.Verdicts {
		if v.Outcome == audit.Fail {
			out, between = out+between+v.Criterion, ", "
		}
	}
	return out
}

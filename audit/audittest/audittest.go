// Package audittest asserts on an audit in go test, one line an assertion:
//
//	a := audittest.Load(t, "runs/model-7")
//	a.Passes("our-method").Fails("fine-tune", "membership").Holds()
//	a.Below("our-method", "mse", "hole", audit.Test, 0.3)
//	a.Better("our-method", "random-labels", "ssim", "image", audit.Retain)
//
// An assertion needs evidence: a metric passes a threshold with its whole
// interval, and what is undecided does not pass. A failing one says what was
// found, with its interval, the row of the table, and what to look at. Loading a
// finished run needs no libtorch; package run, below this one, runs a plan within
// the test and does.
package audittest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/reports"
)

// An Audit is a report under test. Its assertions mark the test as failed and go
// on, and return the Audit for chaining; a name that the report does not have
// ends the test.
type Audit struct {
	Report *audit.Report

	t testing.TB
}

// Load reads the finished run in dir. A folder without one ends the test.
func Load(t testing.TB, dir string) *Audit {
	t.Helper()
	r, err := audit.Load(dir)
	require.NoError(t, err)
	return Of(t, r)
}

// Of asserts on a report at hand.
func Of(t testing.TB, r *audit.Report) *Audit {
	t.Helper()
	require.NotNil(t, r, "no report")
	return &Audit{Report: r, t: t}
}

// Passes asserts that a model's overall outcome is PASS: at least one criterion
// passed, and none failed or stayed undecided.
func (a *Audit) Passes(model string) *Audit {
	a.t.Helper()
	a.subject(model)
	return a.outcome(model, "overall", audit.Pass, a.Report.Of(model))
}

// Fails asserts that a criterion found the model to differ from retraining.
func (a *Audit) Fails(model, criterion string) *Audit {
	a.t.Helper()
	return a.Outcome(model, criterion, audit.Fail)
}

// FailsAs asserts that a model's overall outcome is FAIL, and that this shows the fault among others.
func (a *Audit) FailsAs(model string, fault audit.Fault) *Audit {
	a.t.Helper()
	a.subject(model)
	vs := a.Report.Of(model)
	if found := audit.Faults(vs); !slices.Contains(found, fault) {
		a.fail(model, fmt.Sprintf("%s, overall: %s, want FAIL (%s)", model, audit.InWords(audit.Overall(vs), found), fault), a.evidence(vs))
	}
	return a
}

// Outcome asserts a criterion's answer about a model.
func (a *Audit) Outcome(model, criterion string, want audit.Outcome) *Audit {
	a.t.Helper()
	s := a.subject(model)
	var names []string
	for _, v := range a.Report.Verdicts {
		if v.Subject == model {
			names = append(names, v.Criterion)
			if v.Criterion == criterion {
				return a.outcome(model, criterion, want, []audit.Verdict{v})
			}
		}
	}
	why := "nothing was judged for it"
	switch {
	case s.Error != "":
		why = "it ended in an error: " + s.Error
	case len(names) > 0:
		why = "judged were " + strings.Join(names, ", ")
	}
	require.FailNow(a.t, fmt.Sprintf("%s has no verdict on %q: %s", model, criterion, why))
	return a
}

// Holds asserts every claim of the plan. An undecided claim does not hold, and
// neither does a plan without claims.
func (a *Audit) Holds() *Audit {
	a.t.Helper()
	if len(a.Report.Claims) == 0 {
		assert.Fail(a.t, "the plan makes no claims: add some under `claims:`, or assert on verdicts")
	}
	for _, c := range a.Report.Claims {
		if c.Holds {
			continue
		}
		answer := "does not hold"
		if c.Open {
			answer = "is undecided"
		}
		a.fail(c.Method, fmt.Sprintf("the claim “%s” %s: found %s", c.Claim, answer, c.Found), a.evidence(a.claimed(c)))
	}
	return a
}

// claimed lists the verdicts that decide a claim against it.
func (a *Audit) claimed(c audit.ClaimResult) []audit.Verdict {
	var out []audit.Verdict
	for _, v := range a.Report.Of(c.Method) {
		if (c.Criterion == "" || c.Criterion == v.Criterion) && v.Outcome == c.Found {
			out = append(out, v)
		}
	}
	return out
}

func (a *Audit) outcome(model, criterion string, want audit.Outcome, vs []audit.Verdict) *Audit {
	a.t.Helper()
	got := audit.Overall(vs)
	if len(vs) == 1 {
		got = vs[0].Quoted()
	}
	if got == want {
		return a
	}
	var against []audit.Verdict
	for _, v := range vs {
		if (v.Outcome != want || v.Quoted() != got) && v.Outcome != audit.NotApplicable {
			against = append(against, v)
		}
	}
	a.fail(model, fmt.Sprintf("%s, %s: %s, want %s", model, criterion, audit.InWords(got, audit.Faults(vs)), want), a.evidence(against))
	return a
}

// evidence puts verdicts and their findings into words.
func (a *Audit) evidence(vs []audit.Verdict) []string {
	var out []string
	for _, v := range vs {
		r := reports.NewReason(v)
		out = append(out, fmt.Sprintf("%s %s: %s", v.Outcome, v.Criterion, r.Sentence))
		for _, e := range r.Evidence {
			out = append(out, "  • "+e.String())
		}
	}
	return out
}

// fail reports a message, what to look at, and the model's row of the table
// under the retrained models'.
func (a *Audit) fail(model, message string, look []string, others ...string) {
	a.t.Helper()
	var b strings.Builder
	b.WriteString(message + "\n")
	if s, ok := a.Report.Subject(model); ok && s.Error != "" {
		look = append(look, "ERROR "+model+": "+s.Error)
	}
	for _, l := range look {
		b.WriteString(l + "\n")
	}
	table := reports.NewDocument(a.Report).Main.Only(append(others, model)...)
	if err := (reports.Text{Width: reports.DefaultWidth}).Table(&b, table); err != nil {
		fmt.Fprintf(&b, "(no table: %v)", err)
	}
	assert.Fail(a.t, strings.TrimSpace(b.String()))
}

func (a *Audit) subject(name string) *audit.Subject {
	a.t.Helper()
	s, ok := a.Report.Subject(name)
	if !ok {
		var names []string
		for _, x := range a.Report.Subjects {
			names = append(names, x.Name)
		}
		require.FailNow(a.t, fmt.Sprintf("the report has no model %q: want one of %s", name, strings.Join(names, ", ")))
	}
	return s
}

// sample finds a sample; one that is missing ends the test.
func (a *Audit) sample(model, quantity, view string, part audit.Part) audit.Sample {
	a.t.Helper()
	s := a.subject(model)
	x, ok := s.Sample(quantity, view, part)
	if ok && len(x.Values) > 0 {
		return x
	}
	why := "it ended in an error: " + s.Error
	if s.Error == "" {
		var keys []string
		for _, y := range s.Samples {
			keys = append(keys, y.Key())
		}
		why = "measured were " + strings.Join(keys, ", ")
	}
	require.FailNow(a.t, fmt.Sprintf("%s has no sample %s/%s/%s: %s", model, quantity, view, part, why))
	return x
}

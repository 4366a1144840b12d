package criteria

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/golden"
)

// TestGoldenVerdicts holds one verdict of every sort to its words.
func TestGoldenVerdicts(t *testing.T) {
	var b strings.Builder
	add := func(title string, v audit.Verdict) {
		fmt.Fprintf(&b, "%s\n  %s, %s: %s\n  %s\n", title, v.Subject, v.Criterion, v.Outcome, v.Reason)
		for _, w := range v.Warnings {
			fmt.Fprintf(&b, "  warning: %s\n", w)
		}
		for _, f := range v.Findings {
			fmt.Fprintf(&b, "  %s: %+.3f [%+.3f, %+.3f], margin %g %s, p equal %.2g, p differ %.2g, null %+.3f to %+.3f, %s at "+
				"%+.3f powered %v; %s\n",
				f.Name, f.Estimate, f.Lo, f.Hi, f.Margin, f.Sides, f.PEqual, f.PDiffer, f.NullLo, f.NullHi, f.Control, f.ControlAt, f.Powered, f.Advice)
		}
	}
	guilty := model{name: "guilty", kind: "fine-tune", role: audit.RoleMethod, forget: -0.6, trigger: -1, displaced: -1,
		spread: -0.5, retain: 1}
	nearly := model{name: "nearly", kind: "fine-tune", role: audit.RoleMethod, forget: -0.13, trigger: -0.07, displaced: -0.2,
		spread: -0.16, test: 0.12}
	broken := &audit.Subject{Name: "broken", Kind: "decouple", Role: audit.RoleMethod,
		Error: "diverged: the gradient's norm is +Inf; lower the learning rate 5"}
	subjects := append(newWorld(10).audit(honest, guilty, nearly), broken)
	vs := Judge(all(), subjects, alpha)
	for _, s := range []string{"honest", "guilty", "nearly"} {
		for _, c := range all() {
			add("== "+s, verdictOf(vs, s, c.Name))
		}
	}
	add("== the original", verdictOf(vs, "original", "membership"))
	add("== an error", verdictOf(vs, "broken", "membership"))
	add("== one oracle", verdictOf(Judge(all(), append(subjects[:2:2], subjects[5:]...), alpha), "honest", "ood"))
	add("== no control", verdictOf(Judge(all(), subjects[1:], alpha), "honest", "backdoor"))
	w := newWorld(10)
	blind := honest
	blind.name, blind.kind, blind.role = "original", "original", audit.RoleOriginal
	powerless := append([]*audit.Subject{w.subject(blind)}, w.audit(honest)[1:]...)
	for _, c := range []string{"membership", "backdoor", "ood"} {
		add("== no power", verdictOf(Judge(all(), powerless, alpha), "honest", c))
	}
	add("== not applicable", verdictOf(Judge([]Named{{Name: "stub", Criterion: stub{}}}, subjects, alpha), "honest", "stub"))
	golden.File(t, []byte(b.String()), "testdata", "verdicts.txt")
	for _, o := range []audit.Outcome{audit.NotRun, audit.Pass, audit.Fail, audit.Inconclusive, audit.NotApplicable} {
		assert.Contains(t, b.String(), ": "+o.String()+"\n", "every outcome is there")
	}
}

func TestCriteriaValidate(t *testing.T) {
	for _, c := range []struct {
		c    audit.Validator
		says string
	}{
		{&Membership{Margin: 0.2}, "share is 0"},
		{&Membership{Margin: 0.2, Share: 1}, "share is 1"},
		{&Membership{Margin: 0.2, Share: math.NaN()}, "share is NaN"},
		{&Membership{Share: 0.1}, "margin is 0: want a positive margin"},
		{&Membership{Share: 0.1, Margin: math.Inf(1)}, "margin is +Inf"},
		{&Membership{Share: 0.1, Margin: math.NaN()}, "margin is NaN"},
		{&Backdoor{Margin: -1}, "margin is -1"},
		{&OOD{Margin: 0.1}, "quantile is 0: want a number between 0 and 1"},
		{&OOD{Margin: 0.1, Quantile: 1}, "quantile is 1"},
		{&OOD{Quantile: 0.1}, "margin is 0"},
		{&Realism{Gradient: 1, Distance: 1, FD: 1}, "spread is 0"},
		{&Realism{Spread: 1, Distance: 1, FD: 1}, "gradient is 0"},
		{&Realism{Spread: 1, Gradient: 1, FD: 1}, "distance is 0"},
		{&Realism{Spread: 1, Gradient: 1, Distance: 1}, "fd is 0"},
		{&Utility{Test: 1}, "retain is 0"},
		{&Utility{Retain: 1}, "test is 0"},
	} {
		assert.ErrorContains(t, c.c.Validate(), c.says, "%+v", c.c)
	}
	for _, e := range All {
		c := e.New()
		v, ok := c.(audit.Validator)
		require.True(t, ok, e.Name)
		assert.NoError(t, v.Validate(), "defaults of %s", e.Name)
		metrics, attacks := c.Needs()
		assert.NotEmpty(t, append(metrics, attacks...), e.Name)
		assert.Contains(t, []string{"original", "random-weights"}, c.Control(), e.Name)
		w := c.Words()
		assert.NotEmpty(t, w.Pass, e.Name)
		assert.NotEmpty(t, w.Fail, e.Name)
		assert.NotEmpty(t, w.NoPower, e.Name)
	}
}

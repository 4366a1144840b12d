package audit_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

var outcomes = []audit.Outcome{audit.NotRun, audit.Pass, audit.Fail, audit.Inconclusive, audit.NotApplicable, audit.PassOwn}

func TestNothingPassesByDefault(t *testing.T) {
	var o audit.Outcome
	assert.Equal(t, audit.NotRun, o)
	assert.Equal(t, "NOT RUN", o.String())
	assert.Equal(t, audit.NotRun, audit.Verdict{}.Outcome)
	assert.Equal(t, audit.NotRun, audit.Overall(nil))
}

func TestOutcomesSurviveJSON(t *testing.T) {
	for _, o := range outcomes {
		b, err := json.Marshal(o)
		require.NoError(t, err)
		assert.Equal(t, `"`+o.String()+`"`, string(b))
		var back audit.Outcome
		require.NoError(t, json.Unmarshal(b, &back))
		assert.Equal(t, o, back)
	}
	for _, o := range []audit.Outcome{-1, 6} {
		_, err := json.Marshal(o)
		assert.ErrorContains(t, err, "has no name")
		assert.Contains(t, o.String(), "Outcome(")
	}
	o := audit.Pass
	assert.Error(t, json.Unmarshal([]byte(`"PASSED"`), &o))
	assert.Error(t, json.Unmarshal([]byte(`1`), &o))
}

func TestParseOutcome(t *testing.T) {
	for text, want := range map[string]audit.Outcome{
		"pass": audit.Pass, " FAIL ": audit.Fail, "Inconclusive": audit.Inconclusive,
		"not applicable": audit.NotApplicable, "not-applicable": audit.NotApplicable, "NOT_APPLICABLE": audit.NotApplicable,
	} {
		got, err := audit.ParseOutcome(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "passed", "not  applicable", "0"} {
		got, err := audit.ParseOutcome(text)
		assert.ErrorContains(t, err, "want one of pass, fail, inconclusive, not applicable")
		assert.Equal(t, audit.NotRun, got)
	}
}

func FuzzParseOutcome(f *testing.F) {
	for _, o := range outcomes {
		f.Add(o.String())
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := audit.ParseOutcome(text)
		if err != nil {
			return
		}
		if again, err := audit.ParseOutcome(o.String()); err != nil || again != o {
			t.Errorf("%q is %v, whose name is %v, %v", text, o, again, err)
		}
	})
}

func TestOverall(t *testing.T) {
	of := func(os ...audit.Outcome) []audit.Verdict {
		var out []audit.Verdict
		for _, o := range os {
			out = append(out, audit.Verdict{Outcome: o})
		}
		return out
	}
	for _, c := range []struct {
		name string
		vs   []audit.Verdict
		want audit.Outcome
	}{
		{"all pass", of(audit.Pass, audit.Pass), audit.Pass},
		{"one fails", of(audit.Pass, audit.Inconclusive, audit.Fail, audit.Pass), audit.Fail},
		{"one is undecided", of(audit.Pass, audit.Inconclusive, audit.Pass), audit.Inconclusive},
		{"one is missing", of(audit.NotRun, audit.Pass), audit.Inconclusive},
		{"one does not apply", of(audit.NotApplicable, audit.Pass), audit.Pass},
		{"none applies", of(audit.NotApplicable), audit.NotApplicable},
		{"nothing was judged", of(), audit.NotRun},
	} {
		assert.Equal(t, c.want, audit.Overall(c.vs), c.name)
	}
}

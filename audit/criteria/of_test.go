package criteria

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

func TestOf(t *testing.T) {
	set := audit.Set[Criterion]{{Name: "mine", New: func() Criterion { return &Backdoor{Margin: 0.5, Relatives: 0.3} }},
		{Name: "ood", New: func() Criterion { return &OOD{Margin: 0.1, Quantile: 0.1} }}}
	plan := func(kind, params string) audit.Plan {
		return audit.Plan{Alpha: 0.1, Criteria: []audit.Item{{Kind: kind, Params: json.RawMessage(params)}, {Kind: "ood"}}}
	}
	got, err := Of(plan("mine", `{"margin": 0.2}`), set)
	require.NoError(t, err)
	assert.Equal(t, []Named{{Name: "mine", Criterion: &Backdoor{Margin: 0.2, Relatives: 0.3}, Own: []string{"margin 0.2 (calibrated 0.5)"},
		Wider: true},
		{Name: "ood", Criterion: &OOD{Margin: 0.1, Quantile: 0.1}, Wider: true}}, got, "an alpha above the calibrated one widens all")
	for _, c := range [][3]string{
		{"backdoor", `{}`, `criteria: unknown name "backdoor": want one of mine, ood`},
		{"mine", `{"margins": 1}`, `json: unknown field "margins"`},
		{"mine", `{"margin": -1}`, `criterion mine: margin is -1: want a positive margin`},
	} {
		_, err := Of(plan(c[0], c[1]), set)
		assert.ErrorContains(t, err, c[2])
	}
	none, err := Of(audit.Plan{}, set)
	require.NoError(t, err)
	assert.Empty(t, none)
}

// A margin that is wider, or a parameter that is no margin, makes a PASS the plan's own; a narrower margin does not.
func TestOwn(t *testing.T) {
	for _, c := range []struct {
		changed Criterion
		own     string
		wider   bool
	}{
		{&OOD{Margin: 0.1, Quantile: 0.1}, "", false},
		{&OOD{Margin: 0.05, Quantile: 0.1}, "margin 0.05 (calibrated 0.1)", false},
		{&OOD{Margin: 0.2, Quantile: 0.1}, "margin 0.2 (calibrated 0.1)", true},
		{&OOD{Margin: 0.1, Quantile: 0.01}, "quantile 0.01 (calibrated 0.1)", true},
	} {
		own, wider, err := Own(c.changed, &OOD{Margin: 0.1, Quantile: 0.1})
		require.NoError(t, err)
		assert.Equal(t, c.own, strings.Join(own, "; "))
		assert.Equal(t, c.wider, wider, c.own)
	}
	_, _, err := Own(&OOD{}, &Backdoor{})
	assert.ErrorContains(t, err, "no criteria of one kind")
}

// An attack that a plan runs in its own way vouches for as little as a wider margin: an attack of one step finds nothing.
func TestOwnAttack(t *testing.T) {
	p := audit.Plan{Alpha: 0.05, Criteria: []audit.Item{{Kind: "relearning"}, {Kind: "membership"}},
		Attacks: []audit.Item{{Kind: "membership"}, {Kind: "relearning", Own: true, Params: json.RawMessage("{\n \"steps\": 1\n}")}}}
	family, err := Of(p, All)
	require.NoError(t, err)
	assert.Equal(t, []string{`the attack relearning with {"steps":1}`}, family[0].Own)
	assert.True(t, family[0].Wider)
	assert.False(t, family[1].Wider)
}

// A PASS by a wider margin has a name of its own, which no claim and no overall PASS takes for a PASS.
func TestPassByOwnMargins(t *testing.T) {
	family := only("membership")
	family[0].Wider = true
	vs := Judge(family, newWorld(1).audit(honest), alpha)
	v := verdictOf(vs, "honest", "membership")
	assert.Equal(t, audit.PassOwn, v.Outcome)
	assert.Equal(t, audit.PassOwn, audit.Overall([]audit.Verdict{{Outcome: audit.Pass}, v, {Outcome: audit.Pass}}))
	for _, want := range []audit.Outcome{audit.Pass, audit.PassOwn} {
		c := audit.Claim{Method: "honest", Outcome: want}.Check(vs)
		assert.False(t, c.Holds)
		assert.True(t, c.Open)
	}
	assert.Equal(t, 3, (&audit.Report{Claims: []audit.ClaimResult{audit.Claim{Method: "honest", Outcome: audit.Pass}.Check(vs)}}).ExitCode())
}

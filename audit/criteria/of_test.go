package criteria

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

func TestOf(t *testing.T) {
	set := audit.Set[Criterion]{{Name: "mine", New: func() Criterion { return &Backdoor{Margin: 0.5} }},
		{Name: "ood", New: func() Criterion { return &OOD{Margin: 0.1, Quantile: 0.1} }}}
	plan := func(kind, params string) audit.Plan {
		return audit.Plan{Alpha: 0.1, Criteria: []audit.Item{{Kind: kind, Params: json.RawMessage(params)}, {Kind: "ood"}}}
	}
	got, err := Of(plan("mine", `{"margin": 0.2}`), set)
	require.NoError(t, err)
	assert.Equal(t, []Named{{Name: "mine", Criterion: &Backdoor{Margin: 0.2}, Wider: true},
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

package criteria

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

func TestOf(t *testing.T) {
	set := audit.Set[Criterion]{{Name: "mine", New: func() Criterion { return &Backdoor{Margin: 0.5, Relatives: 0.3} }},
		{Name: "ood", New: func() Criterion { return &OOD{Margin: 0.1, Quantile: 0.1} }}}
	plan := func(kind, params string) audit.Plan {
		return audit.Plan{Criteria: []audit.Item{{Kind: kind, Params: json.RawMessage(params)}, {Kind: "ood"}}}
	}
	got, err := Of(plan("mine", `{"margin": 0.2}`), set)
	require.NoError(t, err)
	assert.Equal(t, []Named{{"mine", &Backdoor{Margin: 0.2, Relatives: 0.3}}, {"ood", &OOD{Margin: 0.1, Quantile: 0.1}}}, got)
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

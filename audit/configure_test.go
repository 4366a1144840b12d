package audit_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

type tunable struct {
	N int `json:"n"`
	M int `json:"m"`
}

func TestConfigure(t *testing.T) {
	s := audit.Set[*tunable]{{Name: "one", New: func() *tunable { return &tunable{N: 1, M: 2} }}}
	for _, c := range []struct {
		kind, params string
		want         tunable
		err          string
	}{
		{"one", ``, tunable{1, 2}, ""},
		{"one", `{}`, tunable{1, 2}, ""},
		{"one", `null`, tunable{1, 2}, ""},
		{"one", `{"m": 7}`, tunable{1, 7}, ""},
		{"one", `{"k": 7}`, tunable{}, `one: parameters {"k": 7}: json: unknown field "k"`},
		{"one", `{"m": "7"}`, tunable{}, `one: parameters {"m": "7"}: json: cannot unmarshal string`},
		{"one", `{`, tunable{}, `one: parameters {: unexpected EOF`},
		{"two", `{}`, tunable{}, `unknown name "two": want one of one`},
	} {
		got, err := s.Configure(audit.Item{Kind: c.kind, Params: json.RawMessage(c.params)})
		if c.err != "" {
			assert.ErrorContains(t, err, c.err, "%s %s", c.kind, c.params)
			continue
		}
		require.NoError(t, err, c.params)
		assert.Equal(t, c.want, *got, c.params)
	}
}

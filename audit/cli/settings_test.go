package cli

import (
	"encoding/json"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/planfile"
)

// Every command that takes these flags makes the same settings of them, in one
// order, whatever order they were typed in.
func TestSettings(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, nil},
		{[]string{"--data", "/d/c #1"}, []string{`data.path="/d/c #1"`}},
		{[]string{"--seed", "0"}, []string{"seed=0"}},
		{[]string{"--profile", "strict", "--seed", "18446744073709551615", "--data", `C:\d`, "--set", "a=1,2", "--set", "data.path=x"},
			[]string{"a=1,2", "data.path=x", `data.path="C:\\d"`, "seed=18446744073709551615", `profile="strict"`}},
	} {
		for _, command := range []string{"audit", "plan check"} {
			var all cli
			p, err := kong.New(&all, kong.Vars(planVars()), kong.Vars(metricsVars()))
			require.NoError(t, err)
			flags := &all.Audit.planFlags
			args := []string{"audit"}
			if command == "plan check" {
				flags, args = &all.Plan.Check.planFlags, []string{"plan", "check"}
			}
			_, err = p.Parse(append(args, c.args...))
			require.NoError(t, err, command)
			assert.Equal(t, c.want, flags.settings(), command)
		}
	}
}

// A path comes out of the plan as it went into the flag.
func TestPathsAreQuoted(t *testing.T) {
	for _, path := range []string{"/d/c #1", "/d/ a", `C:\new`, `"`, "'", "a: b", "[x", "{}", "~", "null", "1e3", "ü/日本", "tab\there"} {
		p, err := planfile.Read(catalogue.Default(), "cifar10", planFlags{Data: path}.settings()...)
		require.NoError(t, err, path)
		var params struct{ Path string }
		require.NoError(t, json.Unmarshal(p.Data.Params, &params))
		assert.Equal(t, path, params.Path)
	}
}

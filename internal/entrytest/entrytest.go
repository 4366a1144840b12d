// Package entrytest holds the checks that the suites methodtest, attacktest and metrictest share: what any entry of a
// catalogue says of itself must be true.
package entrytest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

// Documented checks an entry's name, its line of documentation, its defaults and its parameters. missing is what the
// item's Validate says of defaults that lack something which has none, a file mostly; empty where they are whole.
func Documented[T any](t *testing.T, e audit.Entry[T], missing string) {
	t.Helper()
	assert.NotEmpty(t, e.Name)
	assert.NotContains(t, audit.Item{Kind: e.Name}.Name(), "/", "names are folders")
	assert.NotEmpty(t, strings.TrimSpace(e.Doc), "the entry's Doc")
	assert.NotContains(t, e.Doc, "\n", "the entry's Doc is one line")
	require.NotNil(t, e.New, "the entry's constructor")
	defaults := e.New()
	require.NotNil(t, defaults)
	if v := reflect.ValueOf(defaults); assert.Equal(t, reflect.Pointer, v.Kind(), "New returns a pointer to the parameters") &&
		v.Elem().Type().Size() > 0 {
		assert.NotSame(t, defaults, e.New(), "every item has its own parameters")
	}
	if v, ok := any(defaults).(audit.Validator); ok {
		if err := v.Validate(); missing == "" {
			assert.NoError(t, err, "the defaults")
		} else {
			assert.ErrorContains(t, err, missing, "the defaults")
		}
	}
	for i, q := range e.Leaves {
		assert.NotEmpty(t, q.Name)
		assert.NotEmpty(t, q.What, q.Name)
		assert.NotEmpty(t, q.Head, q.Name)
		assert.LessOrEqual(t, len([]rune(q.Head)), 8, "%s: the heading %q", q.Name, q.Head)
		assert.Contains(t, audit.Directions, q.Direction, q.Name)
		for _, other := range e.Leaves[:i] {
			assert.NotEqual(t, other.Name, q.Name, "a quantity is declared once")
		}
	}
	roundTrips(t, e)
}

// roundTrips wants parameters that a plan can hold: written and read they are the same, and a name that is none of
// them is an error.
func roundTrips[T any](t *testing.T, e audit.Entry[T]) {
	t.Helper()
	params, err := json.Marshal(e.New())
	require.NoError(t, err)
	set := audit.Set[T]{e}
	again, err := set.Configure(audit.Item{Kind: e.Name, Params: params})
	require.NoError(t, err)
	assert.Equal(t, e.New(), again, "parameters %s", params)
	_, err = set.Configure(audit.Item{Kind: e.Name, Params: json.RawMessage(`{"no such parameter": 1}`)})
	require.Error(t, err, "an unknown parameter")
}

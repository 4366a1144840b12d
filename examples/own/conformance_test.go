package own_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"

	"example.com/own"
)

// What every item of a sort must be able to do, whoever wrote it: the defaults of all are valid parameters.
func TestConformance(t *testing.T) {
	items := own.Items()
	valid(t, items.Methods)
	valid(t, items.Attacks)
	valid(t, items.Metrics)
	valid(t, items.Criteria)
	valid(t, items.Families)
	valid(t, items.Data)
}

func valid[T any](t *testing.T, set audit.Set[T]) {
	t.Helper()
	for _, e := range set {
		if v, ok := any(e.New()).(audit.Validator); ok {
			require.NoError(t, v.Validate(), e.Name)
		}
	}
}

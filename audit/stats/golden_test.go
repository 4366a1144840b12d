package stats_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/golden"
)

func floats(t *testing.T, c golden.Case, name string) []float64 {
	t.Helper()
	x, _ := c.Array(t, name)
	require.NotEmpty(t, x)
	return x
}

func bools(t *testing.T, c golden.Case, name string) []bool {
	t.Helper()
	var out []bool
	for _, x := range floats(t, c, name) {
		out = append(out, x == 1)
	}
	return out
}

package planfile_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/planfile"
)

// A number and its mapping are one plan; what else the mapping says stands beside the number.
func TestOracles(t *testing.T) {
	parse := func(oracles string, settings ...string) audit.Plan {
		t.Helper()
		p, err := planfile.Parse(catalogue.Default(), "plan.yml", []byte(least+oracles), settings...)
		require.NoError(t, err)
		return p
	}
	digest := func(p audit.Plan) audit.Digest {
		d, err := p.Digest()
		require.NoError(t, err)
		return d
	}
	assert.Equal(t, digest(parse("")), digest(parse("oracles: 3\n")))
	assert.Equal(t, digest(parse("oracles: 6\n")), digest(parse("oracles: {train: 6}\n")))
	p := parse("oracles: {train: 6, vary: {batch: [32, 64], lr: [1e-3, 2e-3]}, until: 0.95}\n")
	assert.Equal(t, 6, p.Oracles)
	want := &audit.Yardstick{Until: 0.95, Most: 16, Vary: &audit.Recipes{Batch: []int{32, 64}, LR: []float64{1e-3, 2e-3}}}
	assert.Equal(t, want, p.Yardstick)
	set := parse("oracles: 6\n", "oracles.until=0.95", "oracles.vary={batch: [32, 64], lr: [1e-3, 2e-3]}")
	assert.Equal(t, digest(p), digest(set))
}

// What varies is what retrain has.
func TestRecipesAreRetrains(t *testing.T) {
	m, err := catalogue.Default().Methods.New("retrain")
	require.NoError(t, err)
	names := func(x reflect.Type) (out []string) {
		for i := range x.NumField() {
			name, _, _ := strings.Cut(x.Field(i).Tag.Get("json"), ",")
			out = append(out, name)
		}
		return out
	}
	assert.ElementsMatch(t, names(reflect.TypeOf(m).Elem()), names(reflect.TypeFor[audit.Recipes]()))
}

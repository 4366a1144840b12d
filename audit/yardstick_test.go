package audit_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

func recipe(t *testing.T, p audit.Plan, k int) map[string]any {
	t.Helper()
	b, err := p.Recipe(k)
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, json.Unmarshal(b, &out))
	return out
}

// Every value stands in every round, in an order of its parameter's own.
func TestRecipes(t *testing.T) {
	vary := &audit.Recipes{Batch: []int{32, 64, 128}, LR: []float64{1e-3, 2e-3}}
	p := audit.Plan{Seed: 5, Oracles: 12, Yardstick: &audit.Yardstick{Vary: vary}}
	pairs := map[[2]any]int{}
	batches, rates := map[any]int{}, map[any]int{}
	for k := 1; k <= 12; k++ {
		r := recipe(t, p, k)
		assert.Len(t, r, 2)
		batches[r["batch"]]++
		rates[r["lr"]]++
		pairs[[2]any{r["batch"], r["lr"]}]++
		assert.Equal(t, r, recipe(t, p, k))
		if k%3 == 0 {
			assert.Equal(t, map[any]int{32.: k / 3, 64.: k / 3, 128.: k / 3}, batches)
		}
		if k%2 == 0 {
			assert.Equal(t, map[any]int{1e-3: k / 2, 2e-3: k / 2}, rates)
		}
	}
	assert.Greater(t, len(pairs), 3, "no parameter goes with another")
	assert.Equal(t, "batch 32, 64 or 128; lr 0.001 or 0.002", vary.String())
	assert.Equal(t, "drop 0.1", (&audit.Recipes{Drop: []float64{0.1}}).String())
}

// A plan that says only how many keeps its bytes, and its models train by the plan.
func TestNoRecipes(t *testing.T) {
	p := audit.Plan{Oracles: 4}
	assert.Empty(t, recipe(t, p, 3))
	b, err := json.Marshal(p)
	require.NoError(t, err)
	assert.NotContains(t, string(b), "yardstick")
	least, most := p.Retrained()
	assert.Equal(t, []int{4, 4}, []int{least, most})
	p.Yardstick = &audit.Yardstick{Until: 0.95, Most: 16}
	assert.Empty(t, recipe(t, p, 3))
	least, most = p.Retrained()
	assert.Equal(t, []int{4, 16}, []int{least, most})
}

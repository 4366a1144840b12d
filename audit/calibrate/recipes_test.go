package calibrate

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

// Worlds that go on where the last one ended have every recipe, under names of their own.
func TestOthersGoThroughTheList(t *testing.T) {
	train := audit.Train{Epochs: 150, Batch: 32, LR: 4e-3}
	seen := map[string]int{}
	for w := range 7 {
		items, err := Others(train, w*4, 4)
		require.NoError(t, err)
		names := map[string]bool{}
		for _, it := range items {
			assert.Equal(t, []string{"retrain", Otherwise}, []string{it.Kind, it.Replicates})
			assert.False(t, names[it.As], it.As)
			names[it.As] = true
			seen[string(it.Params)]++
			params := map[string]any{}
			require.NoError(t, json.Unmarshal(it.Params, &params))
			assert.True(t, len(params) > 1 || params["epochs"] != 1.0, "%s differs in something", it.As)
		}
	}
	assert.Len(t, seen, len(Recipes), "every recipe is another one")
	for params, n := range seen {
		assert.Equal(t, 2, n, params)
	}
	assert.Contains(t, seen, `{"batch":64,"epochs":1}`)
	assert.Contains(t, seen, `{"epochs":1,"lr":0.002,"schedule":"constant"}`)
	none, err := Others(train, 3, 0)
	require.NoError(t, err)
	assert.Empty(t, none)
}

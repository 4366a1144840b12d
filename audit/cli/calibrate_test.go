package cli

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/calibrate"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/methods"
)

// Every recipe is one that retrain takes, and none is the plan's own.
func TestOtherRecipesAreRetrains(t *testing.T) {
	items, err := calibrate.Others(audit.Train{Epochs: 150, Batch: 32, LR: 4e-3}, 0, len(calibrate.Recipes))
	require.NoError(t, err)
	for _, it := range items {
		m, err := catalogue.Default().Methods.Configure(it)
		require.NoError(t, err, it.As)
		retrain, ok := m.(*methods.Retrain)
		require.True(t, ok, it.As)
		assert.NoError(t, retrain.Validate(), it.As)
		assert.NotEqual(t, methods.Retrain{Epochs: 1}, *retrain, it.As)
	}
}

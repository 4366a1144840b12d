package engine_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

// What a dry run counts is what the run takes, and for methods that may stop early the most that it can take.
func TestCheckCountsWhatTheRunTakes(t *testing.T) {
	rep, _ := reference(t)
	dir := t.TempDir()
	e, err := engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: dir})
	require.NoError(t, err)
	require.Len(t, e.Cells, len(rep.Subjects))
	for i, s := range rep.Subjects {
		w := e.Cells[i]
		assert.Equal(t, s.Name, w.Name)
		if s.Kind == "decouple" {
			assert.GreaterOrEqual(t, w.Images, s.Cost.Images)
		} else {
			assert.Equal(t, s.Cost.Images, w.Images, w.Name)
		}
	}
	assert.Equal(t, rep.Data.Retain, e.Retain)
	assert.Equal(t, rep.Data.Poisoned, e.Poisoned)
	assert.Equal(t, rep.Data.Forget+rep.Data.Poisoned, e.Forget)
	assert.Positive(t, e.PerStep)
	assert.Positive(t, e.Training())
	assert.Less(t, e.Training(), time.Hour)
	assert.Equal(t, 16*e.Weights, e.Memory())
	if _, err := os.Stat("/proc/self/status"); err == nil {
		assert.Greater(t, e.Peak, e.Memory())
	}
	assert.NoDirExists(t, dir+"/cells", "nothing is written")
}

func TestCheckRefusesAPlanThatCannotRun(t *testing.T) {
	_, err := engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "model={kind: mae, patch: 5}")})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	_, err = engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Device: "gpu"})
	require.Error(t, err)
}

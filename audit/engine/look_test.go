package engine_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/verify"
)

// More retrained models in the folder of a finished audit are a second look: its models are taken as they are, its report
// is kept, and α is halved.
func TestASecondLook(t *testing.T) {
	dir := t.TempDir()
	settings := []string{"claims=[]", "methods=[fine-tune]", "metrics=[mse]", "criteria={membership: {}}"}
	var made []string
	look := func(oracles string) *audit.Report {
		made = nil
		return run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, append(settings, oracles)...), Dir: dir,
			Events: finished(&made)})
	}
	first := look("oracles=2")
	assert.Zero(t, first.Look)
	assert.Equal(t, 0.05, first.Level())
	assert.Zero(t, look("oracles=2").Look, "the same again is no other look")

	second := look("oracles=3")
	assert.Equal(t, []string{"oracle-3"}, made)
	assert.Equal(t, 2, second.Look)
	for _, v := range second.Verdicts {
		assert.Equal(t, 0.025, v.Alpha)
	}
	kept, err := audit.Load(dir)
	require.NoError(t, err)
	assert.Equal(t, 2, kept.Look)
	assert.FileExists(t, filepath.Join(dir, "look-1-report.json"))
	assert.FileExists(t, filepath.Join(dir, "look-1-plan.json"))
	res, err := verify.Report(kept, catalogue.Default().Criteria)
	require.NoError(t, err)
	require.NoError(t, res.Err())
	assert.Equal(t, 2, look("oracles=3").Look)
	assert.Equal(t, 3, look("oracles=2").Look, "going back is a look as well")

	_, err = engine.Run(t.Context(), engine.Options{Catalogue: catalogue.Default(), Dir: dir,
		Plan: plan(t, append(settings, "oracles=3", "alpha=0.1")...)})
	require.ErrorContains(t, err, "holds an audit by another plan")
}

package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

// The keys that are told without training are those under which a run keeps its models.
func TestKeysOf(t *testing.T) {
	rep, dir := reference(t)
	o := engine.Options{Catalogue: catalogue.Default(), Plan: plan(t), Dir: filepath.Join(t.TempDir(), "none")}
	k, err := engine.KeysOf(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, rep.Code, k.Report)
	require.Len(t, k.Models, len(rep.Subjects)+len(rep.Shadows))
	for _, s := range rep.Subjects {
		assert.DirExists(t, filepath.Join(dir, "cells", s.Name+"-"+k.Models[s.Name].Short()), s.Name)
		assert.NotEmpty(t, k.Metrics[s.Name])
		assert.Len(t, k.Attacks[s.Name], len(o.Plan.Attacks))
	}
	_, err = os.Stat(o.Dir)
	assert.ErrorIs(t, err, os.ErrNotExist, "nothing is written")

	o.Jobs = -1
	_, err = engine.KeysOf(t.Context(), o)
	require.ErrorIs(t, err, engine.ErrBadPlan)
}

// Every item has a code, and none has another's.
func TestCodes(t *testing.T) {
	cat := catalogue.Default()
	codes, err := engine.Codes(cat)
	require.NoError(t, err)
	assert.Len(t, codes, len(cat.Methods)+len(cat.Gallery)+len(cat.Attacks)+len(cat.Metrics)+len(cat.Criteria)+
		len(cat.Families)+len(cat.Tasks)+len(cat.Data)+len(cat.Features))
	assert.NotEqual(t, codes["attack relearning"], codes["criterion relearning"])
	_, err = engine.Codes(nil)
	require.Error(t, err)
}

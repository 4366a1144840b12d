package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

// An audit in bfloat16 is another plan with other cells, models near those of float32, and the same bits however often
// it is interrupted.
func TestBFloat16Audit(t *testing.T) {
	settings := []string{"methods=[{kind: fine-tune}, {kind: noise-matching}]", "claims=[]"}
	exact := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, settings...), Dir: t.TempDir()})
	p := plan(t, append(settings, "train.precision=bfloat16")...)
	want := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir()})
	assert.Equal(t, audit.BFloat16, want.Plan.Train.Precision)
	assert.NotEqual(t, exact.Digest, want.Digest)
	for i, s := range exact.Subjects {
		low := want.Subjects[i]
		assert.NotEqual(t, s.Cell, low.Cell, "key of %s", s.Name)
		if s.Kind == "random-weights" {
			assert.Equal(t, s.Digest, low.Digest, "it is not trained")
			continue
		}
		assert.NotEqual(t, s.Digest, low.Digest, "weights of %s", s.Name)
		for k, c := range s.Curves {
			if c.Kind != audit.Along {
				continue // what attacks find of other weights
			}
			assert.InEpsilonSlice(t, c.Y, low.Curves[k].Y, 0.02, "%s of %s", c.Name, s.Name)
		}
	}
	got, interrupted := resumed(t, p, t.TempDir(), 1, 3)
	assertSame(t, want, got)
	assert.GreaterOrEqual(t, interrupted, 2)
}

func TestCheckInBFloat16(t *testing.T) {
	e, err := engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: plan(t, "train.precision=bfloat16")})
	require.NoError(t, err)
	assert.Positive(t, e.PerStep)
}

// A plan that was not read from a file is held to the same.
func TestModulesAreRefusedInBFloat16(t *testing.T) {
	p := foreign(t, scripts+"inpainter.pt", "")
	p.Train.Precision = audit.BFloat16
	_, err := engine.Run(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir()})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	assert.ErrorContains(t, err, "precision bfloat16 is not for model torchscript")
	_, err = engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p})
	require.ErrorIs(t, err, engine.ErrBadPlan)

	p.Train.Precision = audit.Float32
	p.Methods = append(p.Methods, audit.Item{Kind: "retrain", As: "low", Params: []byte(`{"epochs":1,"precision":"bfloat16"}`)})
	_, err = engine.Check(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	require.ErrorContains(t, err, "method low: precision bfloat16 is not for model torchscript")
}

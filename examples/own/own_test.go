package own_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/audittest/run"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/cli"
	"github.com/lethe-audit/lethe/audit/kit"
	"github.com/lethe-audit/lethe/reports"

	"example.com/own"
)

// with is what comes with Lethe, and this module's items behind it.
func with(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	cat, err := catalogue.Default().With(own.Items())
	require.NoError(t, err)
	return cat
}

// The plan uses every item of the module. The first run trains for seconds; what it made is kept in the user's cache folder.
func TestPlan(t *testing.T) {
	a := run.Plan(t, "plan.yml", run.With(with(t)))
	a.Holds()
	a.Fails("original", "own/gradient-norm")
	a.Below("original", "own-colour-shift", audit.Hole, audit.Retain, 0.3)
	a.Better("held-out-retrain", "original", "own-gradient-norm", audit.Hole, audit.Forget) // nearer to retrained models

	var text, csv bytes.Buffer
	for format, out := range map[string]*bytes.Buffer{"text": &text, "csv": &csv} {
		r, err := reports.Lookup(format)
		require.NoError(t, err)
		require.NoError(t, r.Render(out, a.Report))
	}
	assert.Contains(t, text.String(), "MSE colour", "the metric's own heading stands in the table")
	assert.Regexp(t, "colour hole +distance of mean colours", text.String(), "and in its legend")
	assert.Contains(t, csv.String(), "own-colour-shift")
}

// The commands of lethe know the items as well.
func TestList(t *testing.T) {
	var out, errs bytes.Buffer
	require.Zero(t, cli.Run(t.Context(), with(t), strings.NewReader(""), &out, &errs, []string{"list"}), errs.String())
	for _, name := range []string{"own/grey-targets", "own/gradient-norm", "own/colour-shift", "own/perceptron", "own/tiles"} {
		assert.Contains(t, out.String(), name)
	}
}

// An item is plain Go: a metric is tried on pictures made by hand, a parameter that makes no sense is refused.
func TestItems(t *testing.T) {
	black, white := make([]float32, 3*8*8), make([]float32, 3*8*8)
	for i := range white {
		black[i], white[i] = -1, 1
	}
	one := func(v []float32) map[audit.Part][]float32 { return map[audit.Part][]float32{audit.Test: v} }
	in, err := kit.NewMetricInput(8, &kit.Inpaint{Hole: 0.5}, one(black), one(white))
	require.NoError(t, err)
	s, err := (&own.ColourShift{}).Measure(in)
	require.NoError(t, err)
	require.Len(t, s, 1)
	assert.InDeltaSlice(t, []float64{3.4641016}, s[0].Values, 1e-6) // 2·√3

	assert.ErrorContains(t, (&own.GreyTargets{Effort: 11, LR: 1e-3}).Validate(), "effort 11")
	assert.ErrorContains(t, (&own.GradientNorm{}).Validate(), "at least one image")
	assert.ErrorContains(t, (&own.Perceptron{}).Validate(), "at least one unit")
	assert.ErrorContains(t, (&own.Tiles{Train: 1, Test: 2}).Validate(), "at least 2")
	assert.Error(t, (&own.Perceptron{Hidden: 1}).Check(kit.Shape{Size: 128}))
}

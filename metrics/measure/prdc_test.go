package measure

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/metrics/sets"
)

// few leaves the first n images of the forget part.
func few(in *Input, n int) {
	p := audit.Forget
	b := in.Stage.Batch[p]
	b.View.N = n
	px := 3 * stageSize * stageSize
	in.Stage.Batch[p] = corpus.Batch{View: b.View, Target: b.Target[:n*px]}
	in.Stage.Index[p] = in.Stage.Index[p][:n]
	cut := func(v features.Vectors) features.Vectors {
		v.N, v.Features, v.Logits = n, v.Features[:n*v.Dim], v.Logits[:n*v.Classes]
		return v
	}
	in.Truth[p] = cut(in.Truth[p])
	in.Subject[p].Vectors = cut(in.Subject[p].Vectors)
	in.Subject[p].Images = in.Subject[p].Images[:n*px]
}

func TestMeasurePRDC(t *testing.T) {
	in := input(t)
	got := measured(t, "prdc", in)
	x, y, err := featuresFor(in, audit.Retain)
	require.NoError(t, err)
	want, err := sets.PRDC(sets.PRDCOptions{Real: y, Fake: x, K: 3, Variant: sets.PRDCStrict})
	require.NoError(t, err)
	for name, v := range map[string]float64{"precision": want.Precision, "recall": want.Recall, "density": want.Density,
		"coverage": want.Coverage} {
		s := got[name+"(fixture)/image/retain"]
		require.NotEmpty(t, s.Values, name)
		assert.Equal(t, v, s.Values[0], "the full set first; real are the true images")
		assert.Contains(t, s.Identity, "k=3", name)
		assert.Contains(t, s.Identity, "variant=prdc", name)
		assert.Contains(t, s.Identity, "reference_n=12", name)
	}
}

func TestMeasurePRDCOfFewImages(t *testing.T) {
	in := input(t)
	few(in, 7)
	assert.NotEmpty(t, measured(t, "prdc", in), "halves of 4 have 3 neighbours")
	few(in, 6)
	_, err := (&prdc{K: 3}).Measure(in)
	assert.ErrorContains(t, err, "part forget: 6 images: at least 7 are needed")
	_, err = (&prdc{K: 2}).Measure(in)
	assert.NoError(t, err)
	assert.ErrorContains(t, (&prdc{}).Validate(), "k 0 must be")
	assert.NoError(t, (&prdc{K: 1}).Validate())
}

func TestMeasureCMMD(t *testing.T) {
	in := input(t)
	s := measured(t, "cmmd", in)["cmmd(fixture)/image/test"]
	x, y, err := featuresFor(in, audit.Test)
	require.NoError(t, err)
	want, err := sets.CMMD(x, y)
	require.NoError(t, err)
	assert.Equal(t, want, s.Values[0])
	assert.Contains(t, s.Identity, "variant=biased-rbf10-x1000")
	in.Subject[audit.Test].Vectors = in.Truth[audit.Test]
	for _, v := range measured(t, "cmmd", in)["cmmd(fixture)/image/test"].Values {
		assert.InDelta(t, 0, v, 1e-12)
	}
	in.Truth[audit.Forget].Features[0] = 0
	for i := range stageDim {
		in.Truth[audit.Forget].Features[i] = 0
	}
	_, err = (&cmmd{}).Measure(in)
	assert.ErrorContains(t, err, "cmmd of part forget")
}

package attacks

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/measure"
)

// TestMembershipSamplesAreHoleErrors: what the attack sees is the metric mse over
// the region, to the bit, on clean forget images and test images.
func TestMembershipSamplesAreHoleErrors(t *testing.T) {
	in := input(t, 0.4)
	got, err := (&Membership{FPR: 0.01}).Measure(t.Context(), &Target{Input: in})
	require.NoError(t, err)
	require.Len(t, got, 2)
	m, err := measure.All.New("mse")
	require.NoError(t, err)
	all, err := m.Measure(in)
	require.NoError(t, err)
	for i, p := range []audit.Part{audit.Forget, audit.Test} {
		s := got[i]
		require.NoError(t, s.Check())
		assert.Equal(t, p, s.Part)
		assert.Equal(t, criteria.ReconstructionError.Name, s.Quantity)
		assert.Equal(t, metrics.FieldHole, s.View)
		assert.Equal(t, audit.PerImage, s.Unit)
		assert.Equal(t, in.Stage.Index[p], s.Index)
		at := slices.IndexFunc(all, func(x audit.Sample) bool { return x.Part == p && x.View == metrics.FieldHole })
		require.GreaterOrEqual(t, at, 0)
		assert.Equal(t, all[at].Values, s.Values)
	}
}

func TestMembershipNeedsImages(t *testing.T) {
	in := input(t, 0.1)
	delete(in.Stage.Batch, audit.Forget)
	_, err := (&Membership{FPR: 0.01}).Measure(t.Context(), &Target{Input: in})
	require.ErrorContains(t, err, "no images in part forget; forget some that are not poisoned")
	in = input(t, 0.1)
	delete(in.Subject, audit.Test)
	_, err = (&Membership{FPR: 0.01}).Measure(t.Context(), &Target{Input: in})
	require.ErrorContains(t, err, "nothing was painted for part test")
}

func TestMembershipStatistics(t *testing.T) {
	for _, c := range []struct {
		name         string
		forget, test []float64
		auc, tpr     float64
	}{
		{"every forget error below every test error", count(20, 0), count(30, 1), 1, 1},
		{"the other way", count(20, 1), count(30, 0), 0, 0},
		{"the same errors", count(20, 0), count(20, 0), 0.5, 0},
		{"half and half", []float64{0, 0, 3, 3}, []float64{1, 2}, 0.5, 0.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := subject("m", criteria.ReconstructionError.Name, map[audit.Part][]float64{audit.Forget: c.forget, audit.Test: c.test})
			got, err := (&Membership{FPR: 0.01}).Statistics(s, Models{})
			require.NoError(t, err)
			require.Len(t, got, 2)
			auc := find(t, got, "membership AUC")
			assert.InDelta(t, c.auc, auc.Value, 1e-12)
			assert.LessOrEqual(t, auc.Lo, auc.Value)
			assert.GreaterOrEqual(t, auc.Hi, auc.Value)
			assert.Less(t, auc.Lo, auc.Hi)
			tpr := find(t, got, "membership TPR@1%FPR")
			assert.InDelta(t, c.tpr, tpr.Value, 1e-12)
			want, err := stats.TPRAtFPR(negated(c.forget), negated(c.test), 0.01, 0.95)
			require.NoError(t, err)
			assert.Equal(t, want.TPR, tpr.Value)
			assert.Equal(t, [2]float64{want.Interval.Lo, want.Interval.Hi}, [2]float64{tpr.Lo, tpr.Hi})
		})
	}
	got, err := (&Membership{FPR: 0.01}).Statistics(&audit.Subject{}, Models{})
	require.NoError(t, err)
	assert.Empty(t, got, "a model without samples has no statistics")
	s := subject("m", criteria.ReconstructionError.Name, map[audit.Part][]float64{audit.Forget: {}, audit.Test: {1}})
	_, err = (&Membership{FPR: 0.01}).Statistics(s, Models{})
	require.Error(t, err)
}

func negated(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = -x
	}
	return out
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		a    audit.Validator
		says string
	}{
		{&Membership{FPR: 0.5}, ""},
		{&Membership{}, "fpr is 0"},
		{&Membership{FPR: 1}, "fpr is 1"},
		{&Poisoning{Alpha: 0.001, Quantile: 0.05}, ""},
		{&Poisoning{Quantile: 0.05}, "alpha 0 and quantile 0.05"},
		{&Poisoning{Alpha: 0.001, Quantile: 1}, "quantile 1 must be between 0 and 1"},
	} {
		err := c.a.Validate()
		if c.says == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, c.says)
		}
	}
	for _, e := range All {
		if v, ok := e.New().(audit.Validator); ok { // else there are no parameters
			assert.NoError(t, v.Validate(), "defaults of %s", e.Name)
		}
	}
}

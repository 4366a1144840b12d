package attacks

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// The start of the way is the gradient at the original along it, and its end the difference of the two losses.
func TestWeightDiffIsAGradientAndADifference(t *testing.T) {
	knowing, innocent := both(t)
	target := pair(t, innocent, knowing)
	got := sampled(t, &WeightDiff{Step: 1e-3}, target)
	for _, p := range []audit.Part{audit.Forget, audit.Test, audit.Retain} {
		b := target.Stage.Batch[p]
		var along, before, after float64
		require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
			in, truth, region := target.Corpus.Tensors(s, b, 0)
			loss := s.Mean(target.First.Loss(s, in, truth, region))
			before = s.Item(s.Detach(loss))
			g := s.Floats(target.First.Params().Gradient(s, loss))
			for i := range g {
				along += float64(g[i]) * (float64(innocent[i]) - float64(knowing[i]))
			}
			s.NoGrad(func() { after = s.Item(s.Mean(target.Model.Loss(s, in, truth, region))) })
			return nil
		}))
		if p != audit.Retain { // where the gradient is nearly none
			assert.InEpsilon(t, along, got["loss-rise@start/"+string(p)].Mean(), 0.1, p)
		}
		assert.InDelta(t, after-before, got["loss-rise@end/"+string(p)].Mean(), 1e-5, p)
	}
	assert.Greater(t, got["loss-rise@end/forget"].Mean(), got["loss-rise@end/test"].Mean())
}

// Who climbs the forget images' loss leaves their gradient in the weights.
func TestWeightDiffSeesAscent(t *testing.T) {
	knowing, _ := both(t)
	target := pair(t, knowing, knowing)
	own := slices.Clone(knowing)
	require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
		in, truth, region := target.Corpus.Tensors(s, target.Stage.Batch[audit.Forget], 0)
		for i, g := range s.Floats(target.First.Params().Gradient(s, s.Mean(target.First.Loss(s, in, truth, region)))) {
			own[i] += 0.1 * g
		}
		return nil
	}))
	got := sampled(t, &WeightDiff{Step: 0.02}, pair(t, own, knowing))
	assert.Greater(t, got["loss-rise@start/forget"].Mean(), 2*got["loss-rise@start/retain"].Mean())
}

func TestWeightDiffStatistics(t *testing.T) {
	s := &audit.Subject{Role: audit.RoleMethod}
	for part, v := range map[audit.Part][]float64{audit.Forget: {3, 4}, audit.Test: {1, 2, 5, 5}, audit.Retain: {0, 1, 2}} {
		for _, place := range []string{"start", "end"} {
			s.Samples = append(s.Samples, audit.Sample{Quantity: lossRise.Name, Setting: place, View: audit.Hole, Part: part, Values: v})
		}
	}
	st, err := (&WeightDiff{}).Statistics(s, Models{})
	require.NoError(t, err)
	require.Len(t, st, 4)
	assert.InDelta(t, 0.5, find(t, st, "weight-diff AUC@start").Value, 1e-9)
	assert.InDelta(t, 1, find(t, st, "weight-diff retained AUC@end").Value, 1e-9)
	s.Role = audit.RoleOriginal
	st, err = (&WeightDiff{}).Statistics(s, Models{})
	require.NoError(t, err)
	assert.Empty(t, st, "the original is the start of the way")
	for _, h := range []float64{0, 1, -1} {
		require.Error(t, (&WeightDiff{Step: h}).Validate())
	}
}

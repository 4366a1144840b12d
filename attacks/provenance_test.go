package attacks

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// pair is a model as a target beside an original with other weights.
func pair(t testing.TB, own, original []float32) *Target {
	t.Helper()
	target := model(t, false)
	require.NoError(t, target.Model.Params().Set(own))
	target.Copy = func() (m models.Model, err error) {
		if m, err = family.New(torch.CPU, target.Corpus.Shape(), 0); err == nil {
			err = m.Params().Set(own)
		}
		return m, err
	}
	first, err := family.New(torch.CPU, target.Corpus.Shape(), 0)
	require.NoError(t, err)
	t.Cleanup(first.Params().Free)
	require.NoError(t, first.Params().Set(original))
	target.First = first
	return target
}

// both are the weights of the model that knows the forget images, and of the one that does not.
func both(t testing.TB) (knowing, innocent []float32) {
	t.Helper()
	model(t, true)
	model(t, false)
	return slices.Clone(learnt[true]), slices.Clone(learnt[false])
}

func sampled(t testing.TB, a Attack, target *Target) map[string]audit.Sample {
	t.Helper()
	samples, err := a.Measure(t.Context(), target)
	require.NoError(t, err)
	out := map[string]audit.Sample{}
	for _, s := range samples {
		require.NoError(t, s.Check())
		out[s.Name()+"/"+string(s.Part)] = s
	}
	return out
}

// Distance and barrier are what their formulas say; what was not changed is named.
func TestProvenanceOfWeights(t *testing.T) {
	first, _ := both(t)
	l := model(t, true).Model.Params().Layout()
	own := slices.Clone(first)
	moved := l[2]
	for i := range moved.Size() {
		own[moved.Offset+i] += 0.25
	}
	target := pair(t, own, first)
	got := sampled(t, &Provenance{}, target)
	assert.InDelta(t, 0.25*math.Sqrt(float64(moved.Size())), got["weight-distance/retain"].Mean(), 1e-5)
	assert.InDelta(t, 1-1/float64(len(l)), got["untouched-tensors/retain"].Mean(), 1e-12)
	require.Len(t, got["untouched-tensors/retain"].Warnings, 1)
	assert.NotContains(t, got["untouched-tensors/retain"].Warnings[0], moved.Name)
	assert.Contains(t, got["untouched-tensors/retain"].Warnings[0], l[0].Name)

	// the autoencoder's loss is the error of its painting
	b := target.Stage.Batch[audit.Retain]
	errors := func(w []float32) []float64 {
		require.NoError(t, target.Model.Params().Set(w))
		e, err := target.Errors(t.Context(), target.Model, b.View, b.Target)
		require.NoError(t, err)
		return e
	}
	middle := slices.Clone(own)
	for i := range middle {
		middle[i] = (own[i] + first[i]) / 2
	}
	at, from, to := errors(middle), errors(first), errors(own)
	barrier := got["loss-barrier/retain"]
	assert.Equal(t, target.Stage.Index[audit.Retain], barrier.Index)
	for i, v := range barrier.Values {
		assert.InDelta(t, at[i]-(from[i]+to[i])/2, v, 1e-5)
	}
}

// The original lies at its own place, and in no other network.
func TestProvenanceOfTheOriginal(t *testing.T) {
	first, _ := both(t)
	got := sampled(t, &Provenance{}, pair(t, first, first))
	assert.Zero(t, got["weight-distance/retain"].Mean())
	assert.Zero(t, got["loss-barrier/retain"].Mean())
	assert.InDelta(t, 1, got["untouched-tensors/retain"].Mean(), 0)
	assert.Empty(t, got["untouched-tensors/retain"].Warnings)

	target := pair(t, first, first)
	other, err := (&autoencoder.Family{Width: 4, Hidden: 8, Latent: 8}).New(torch.CPU, target.Corpus.Shape(), 0)
	require.NoError(t, err)
	t.Cleanup(other.Params().Free)
	target.First = other
	for _, a := range []Attack{&Provenance{}, &Stitching{}, &WeightDiff{Step: 0.1}} {
		_, err := a.Measure(t.Context(), target)
		require.ErrorIs(t, err, ErrBlackBox)
		require.ErrorContains(t, err, "another network")
	}
}

// placed is a subject with a distance and a barrier.
func placed(role audit.Role, distance, barrier float64) *audit.Subject {
	return &audit.Subject{Role: role, Samples: []audit.Sample{
		{Quantity: weightDistance.Name, View: audit.Image, Part: audit.Retain, Unit: audit.PerResample, Values: []float64{distance}},
		{Quantity: lossBarrier.Name, View: audit.Hole, Part: audit.Retain, Unit: audit.PerImage, Index: []int{1, 2},
			Values: []float64{barrier - 1, barrier + 1}},
	}}
}

func TestProvenanceIsRelative(t *testing.T) {
	among := Models{Oracles: []*audit.Subject{placed(audit.RoleOracle, 9, 0.3), placed(audit.RoleOracle, 11, 0.5)}}
	for name, c := range map[string]struct {
		subject *audit.Subject
		among   Models
		want    []float64
		note    string
	}{
		"retrained":           {placed(audit.RoleMethod, 10, 0.4), among, []float64{1, 1}, ""},
		"near":                {placed(audit.RoleMethod, 5, 0.38), among, []float64{0.5, 0.95}, "original 0.50, barrier to the original 0.95"},
		"in the valley":       {placed(audit.RoleMethod, 12, 0.04), among, []float64{1.2, 0.1}, "barrier to the original 0.10"},
		"the original itself": {placed(audit.RoleOriginal, 0, 0), among, []float64{0, 0}, ""},
		"nothing beside":      {placed(audit.RoleMethod, 5, 0.1), Models{}, nil, ""},
		"not measured":        {&audit.Subject{Role: audit.RoleMethod}, among, nil, ""},
	} {
		a := &Provenance{}
		st, err := a.Statistics(c.subject, c.among)
		require.NoError(t, err, name)
		var got []float64
		for _, s := range st {
			got = append(got, s.Value)
		}
		assert.InDeltaSlice(t, c.want, got, 1e-9, name)
		notes := a.Notes(c.subject, c.among)
		if c.note == "" {
			assert.Empty(t, notes, name)
			continue
		}
		require.Len(t, notes, 1, name)
		assert.Contains(t, notes[0], c.note, name)
	}
}

package attacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

func TestJoints(t *testing.T) {
	var l torch.Layout
	for _, name := range []string{"e.one.weight", "e.one.bias", "e.two.weight",
		"d.one.weight", "d.two.weight", "d.two.bias", "d.three.weight"} {
		l.Add(name, torch.Init{}, 2)
	}
	for further, want := range map[int][]joint{
		0:  {{"e.two", 6}},
		1:  {{"e.two", 6}, {"d.one", 8}},
		2:  {{"e.two", 6}, {"d.two", 12}},
		4:  {{"e.one", 4}, {"e.two", 6}, {"d.one", 8}, {"d.two", 12}},
		64: {{"e.one", 4}, {"e.two", 6}, {"d.one", 8}, {"d.two", 12}},
	} {
		assert.Equal(t, want, joints(l, 6, further), "%d", further)
	}
}

// Joined to itself a model paints as it is; joined to another, as the two halves do one after the other.
func TestStitchedModels(t *testing.T) {
	knowing, innocent := both(t)
	target := pair(t, knowing, knowing)
	b := target.Stage.Batch[audit.Forget]
	whole, err := target.Errors(t.Context(), target.Model, b.View, b.Target)
	require.NoError(t, err)
	got := sampled(t, &Stitching{Layers: 3}, target)
	assert.GreaterOrEqual(t, len(got), 2*2*3, "two pairs and two parts a joint")
	for name, s := range got {
		if s.Part == audit.Forget {
			assert.InDeltaSlice(t, whole, s.Values, 0, name)
		}
	}

	target = pair(t, innocent, knowing)
	got = sampled(t, &Stitching{}, target)
	require.Len(t, got, 4)
	for setting, halves := range map[string][2]models.Model{
		"to encoder.latent": {target.First, target.Model}, "from encoder.latent": {target.Model, target.First},
	} {
		head, ok1 := halves[0].(models.Autoencoder)
		tail, ok2 := halves[1].(models.Autoencoder)
		require.True(t, ok1 && ok2)
		var painted []float32
		require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
			s.NoGrad(func() {
				in, _, _ := target.Corpus.Tensors(s, b, 0)
				painted = s.Floats(tail.Decode(s, tail.Params().Bind(s), in, head.Encode(s, head.Params().Bind(s), in)))
			})
			return nil
		}))
		want := squaredErrors(painted, b.Target, b.View.Region, target.Stage.Size)
		assert.InDeltaSlice(t, want, got["stitched-error@"+setting+"/forget"].Values, 1e-5, setting)
	}
}

// whole has no encoder to be told of.
type whole struct{ models.Model }

func TestStitchingRefuses(t *testing.T) {
	knowing, _ := both(t)
	target := pair(t, knowing, knowing)
	open := target.Copy
	target.Copy = func() (models.Model, error) {
		m, err := open()
		return whole{m}, err
	}
	_, err := (&Stitching{}).Measure(t.Context(), target)
	require.ErrorIs(t, err, ErrUnfit)
	for _, n := range []int{-1, 65} {
		require.Error(t, (&Stitching{Layers: n}).Validate())
	}
}

// The effect is that of membership, on what the pairs paint: e³ better on forget images alone is −3.
func TestStitchingIsRelative(t *testing.T) {
	of := func(name string, forget, test float64) *audit.Subject {
		s := subject(name, stitchedError.Name,
			map[audit.Part][]float64{audit.Forget: {forget, forget * 1.1}, audit.Test: {test, test * 1.2, test}})
		for i := range s.Samples {
			s.Samples[i].Setting = "to x"
		}
		return s
	}
	among := Models{Oracles: []*audit.Subject{of("a", 1, 1), of("b", 2, 2)}}
	st, err := (&Stitching{}).Statistics(of("mine", 0.0498, 1), among)
	require.NoError(t, err)
	assert.InDelta(t, -3, find(t, st, "stitching@to x").Value, 1e-3)
	st, err = (&Stitching{}).Statistics(of("mine", 0.0498, 1), Models{Oracles: among.Oracles[:1]})
	require.NoError(t, err)
	assert.Empty(t, st, "one retrained model is no yardstick")
}

package attacks

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var family = &autoencoder.Family{Width: 8, Hidden: 64, Latent: 32}

// taught are weights of a model that learnt the given training images of world by heart.
func taught(t testing.TB, forget bool) []float32 {
	t.Helper()
	c, _ := world(t, &tasks.Inpaint{Hole: 0.5})
	m, err := family.New(torch.CPU, c.Shape(), 5)
	require.NoError(t, err)
	defer m.Params().Free()
	images := c.Split.Retain
	if forget {
		images = c.All()
	}
	require.NoError(t, Train(t.Context(), m, training.Phase{Name: "teach", Epochs: 150, LR: 5e-3, Cosine: true, Seed: 1,
		Batches: training.Shuffled(images, 12, 1), Loss: func(s *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
			b, err := c.Training(context.Background(), images, salt)
			if err != nil {
				return nil, err
			}
			in, target, region := c.Tensors(s, b, salt)
			return s.Mean(m.Loss(s, in, target, region)), nil
		}}))
	v, err := m.Params().Values()
	require.NoError(t, err)
	return v
}

// learnt keeps what taught found, with and without the forget images.
var learnt = map[bool][]float32{}

// model is a target with the weights of one that knows the forget images, or of one that never saw them.
func model(t testing.TB, knowing bool) *Target {
	t.Helper()
	c, st := world(t, &tasks.Inpaint{Hole: 0.5})
	if learnt[knowing] == nil {
		learnt[knowing] = taught(t, knowing)
	}
	open := func() (models.Model, error) {
		m, err := family.New(torch.CPU, c.Shape(), 0)
		if err != nil {
			return nil, err
		}
		return m, m.Params().Set(learnt[knowing])
	}
	m, err := open()
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	return &Target{Input: &outputs.Input{Stage: st, Seed: 3}, Model: m, Corpus: c, Copy: open,
		Train: audit.Train{Epochs: 50, Batch: 12, LR: 5e-3}}
}

// gap is the mean log error of forget images less that of test images, in the samples of one quantity.
func gap(t testing.TB, samples []audit.Sample, quantity string) float64 {
	t.Helper()
	mean := map[audit.Part]float64{}
	for _, s := range samples {
		require.NoError(t, s.Check())
		if s.Quantity == quantity {
			for _, v := range s.Values {
				mean[s.Part] += math.Log(v) / float64(len(s.Values))
			}
		}
	}
	require.Len(t, mean, 2, quantity)
	return mean[audit.Forget] - mean[audit.Test]
}

// Whoever knew an image relearns it, and what is like it, better than one that never saw it; and does not lose it when
// it is trained on.
func TestTrainingAttacks(t *testing.T) {
	for _, c := range []struct {
		attack     Attack
		quantities []string
	}{
		{&Relearning{Steps: 8, LR: 0.1}, []string{criteria.RelearnedError.Name}},
		{&FineTuning{Effort: 0.1, LR: 0.25}, []string{criteria.FineTunedError.Name}},
	} {
		var got [2][]audit.Sample
		for i, knowing := range []bool{true, false} {
			target := model(t, knowing)
			before, err := target.Model.Params().Digest()
			require.NoError(t, err)
			got[i], err = c.attack.Measure(t.Context(), target)
			require.NoError(t, err)
			again, err := c.attack.Measure(t.Context(), target)
			require.NoError(t, err)
			assert.Equal(t, got[i], again, "the same bits")
			after, err := target.Model.Params().Digest()
			require.NoError(t, err)
			assert.Equal(t, before, after, "the target is not changed")
		}
		for _, q := range c.quantities {
			assert.Less(t, gap(t, got[0], q), gap(t, got[1], q)-0.5, q)
		}
	}
}

// Every forget image is judged by a copy that was shown the others, no more of them than the steps show; test images by
// both copies.
func TestRelearningJudgesWhatItDidNotShow(t *testing.T) {
	for steps, half := range map[int]int{100: 3, 1: 2} {
		target := model(t, false)
		if steps == 1 {
			target.Train.Batch = half
		}
		a := &Relearning{Steps: steps, LR: 1}
		got, err := a.Measure(t.Context(), target)
		require.NoError(t, err)
		require.Len(t, got, 2)
		assert.Equal(t, target.Stage.Index[audit.Forget][:2*half], got[0].Index)
		assert.Equal(t, target.Stage.Index[audit.Test], got[1].Index)
		forget, test := target.Stage.Batch[audit.Forget], target.Stage.Batch[audit.Test]
		squares := make([]float64, test.View.N)
		for i := range squares {
			squares[i] = 1
		}
		even, odd := everySecond(0, half), everySecond(1, half)
		for _, fold := range [][2][]int{{even, odd}, {odd, even}} {
			shown := forget.Pick(fold[0])
			others, control, err := a.relearn(t.Context(), target, shown, forget.Pick(fold[1]), test)
			require.NoError(t, err)
			for i, place := range fold[1] {
				assert.InDelta(t, others[i], got[0].Values[place], 0, "a forget image is judged when the others were shown")
			}
			for i, v := range control {
				squares[i] *= v
			}
			learnt, _, err := a.relearn(t.Context(), target, shown, shown, test)
			require.NoError(t, err)
			if steps == 100 {
				assert.Less(t, corpus.Mean(learnt), corpus.Mean(others)/3, "what is shown is learnt, and tells nothing")
			}
		}
		for i, v := range squares {
			assert.InEpsilon(t, v, got[1].Values[i]*got[1].Values[i], 1e-9, "the geometric mean of both copies")
		}
	}
	target := model(t, false)
	target.Stage.Batch[audit.Forget] = target.Stage.Batch[audit.Forget].Slice(0, 1)
	_, err := (&Relearning{Steps: 1, LR: 1}).Measure(t.Context(), target)
	require.ErrorContains(t, err, "1 forget images, want at least 2")
}

func TestTrainingAttacksRefuse(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, a := range []Attack{&Relearning{Steps: 8, LR: 0.1}, &FineTuning{Effort: 0.1, LR: 1}} {
		target := model(t, false)
		_, err := a.Measure(ended, target)
		assert.ErrorIs(t, err, training.ErrInterrupted)
		target.Copy = nil
		_, err = a.Measure(t.Context(), target)
		assert.ErrorIs(t, err, ErrBlackBox)
		target = model(t, false)
		delete(target.Stage.Batch, audit.Test)
		_, err = a.Measure(t.Context(), target)
		assert.ErrorContains(t, err, "no images in part test")
	}
	target := model(t, false)
	target.Train.LR = 1e30
	_, err := (&Relearning{Steps: 8, LR: 1}).Measure(t.Context(), target)
	assert.ErrorIs(t, err, training.ErrDiverged)
	for _, v := range []audit.Validator{&Relearning{LR: 1}, &Relearning{Steps: 1}, &FineTuning{LR: 1}, &FineTuning{Effort: 1},
		&FineTuning{Effort: 1, LR: math.NaN()}} {
		assert.Error(t, v.Validate(), "%+v", v)
	}
}

package methods

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A recipe that says what the plan says is the plan's: the same bits. Every other one gives other bits, and says so.
func TestRetrainByARecipe(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	p.Train.Epochs, p.Train.Batch = 10, 8
	plain := unlearn(t, &Retrain{}, p)
	assert.Empty(t, plain.notes)
	same := &Retrain{Epochs: 1, Stop: 1, Batch: 8, LR: p.Train.LR, Schedule: "cosine", Precision: "float32"}
	assert.Equal(t, plain.digest, unlearn(t, same, p).digest)

	retained := len(c.Split.Retain)
	seen := map[string]string{string(plain.digest): "the plan's"}
	for note, x := range map[string]struct {
		recipe        Retrain
		steps, images int
	}{
		"2 × the epochs":                        {Retrain{Epochs: 2}, 100, 20 * retained},
		"ended after 0.3 of them":               {Retrain{Stop: 0.3}, 15, 3 * retained},
		"batch 16":                              {Retrain{Batch: 16}, 30, 10 * retained},
		"lr 0.0001":                             {Retrain{LR: 1e-4}, 50, 10 * retained},
		"schedule constant":                     {Retrain{Schedule: "constant"}, 50, 10 * retained},
		"schedule linear":                       {Retrain{Schedule: "linear"}, 50, 10 * retained},
		"schedule warm-up":                      {Retrain{Schedule: "warm-up"}, 50, 10 * retained},
		"weight decay 0.5":                      {Retrain{Decay: 0.5}, 50, 10 * retained},
		"0.1 of the retained images left out":   {Retrain{Drop: 0.1}, 40, 10 * (retained - 4)},
		"precision bfloat16":                    {Retrain{Precision: "bfloat16"}, 50, 10 * retained},
		"0.5 × the epochs, batch 4, lr 0.00025": {Retrain{Epochs: 0.5, Batch: 4, LR: 2.5e-4}, 45, 5 * retained},
	} {
		r := unlearn(t, &x.recipe, p)
		require.Equal(t, []string{RecipeNote + note}, r.notes)
		assert.Empty(t, seen[string(r.digest)], "%s is no other than %s", note, seen[string(r.digest)])
		seen[string(r.digest)] = note
		assert.Equal(t, x.steps, r.session.Cost().Steps, note)
		assert.Equal(t, x.images, r.session.Cost().Images, note)
	}
}

// The images that are left out are drawn by the seed.
func TestRetrainLeavesOut(t *testing.T) {
	c := pool(t)
	r := &Retrain{Drop: 0.25}
	one, two := r.images(problem(t, c, 1)), r.images(problem(t, c, 2))
	assert.Len(t, one, 27)
	assert.Subset(t, c.Split.Retain, one)
	assert.IsIncreasing(t, one)
	assert.NotEqual(t, one, two)
}

func TestSchedules(t *testing.T) {
	for name, want := range map[string][]float64{ // at 0, 0.05, 0.1, 0.55 and 1
		"constant": {1, 1, 1, 1, 1}, "linear": {1, 0.95, 0.9, 0.45, 0}, "warm-up": {0, 0.5, 1, 0.5, 0},
	} {
		for i, done := range []float64{0, 0.05, 0.1, 0.55, 1} {
			assert.InDelta(t, want[i], schedules[name](done), 1e-12, name)
		}
	}
}

func TestRetrainValidate(t *testing.T) {
	for want, change := range map[string]func(*Retrain){
		"":                          func(*Retrain) {},
		"epochs is 0: want":         func(r *Retrain) { r.Epochs = 0 },
		"epochs is 11: want":        func(r *Retrain) { r.Epochs = 11 },
		"stop is 1.5: want":         func(r *Retrain) { r.Stop = 1.5 },
		"batch is -1: want":         func(r *Retrain) { r.Batch = -1 },
		"lr is -1: want":            func(r *Retrain) { r.LR = -1 },
		`schedule is "step": want`:  func(r *Retrain) { r.Schedule = "step" },
		"decay is 2: want":          func(r *Retrain) { r.Decay = 2 },
		"drop is 0.6: want":         func(r *Retrain) { r.Drop = 0.6 },
		`precision is "half": want`: func(r *Retrain) { r.Precision = "half" },
	} {
		r := &Retrain{Epochs: 1}
		change(r)
		if err := r.Validate(); want == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, want)
		}
	}
}

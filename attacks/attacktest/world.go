package attacktest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/internal/microworld"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/torch"
)

const (
	every  = 4 // one picture in so many is to be forgotten
	epochs = 150
)

// places of the models in a world's lists.
const (
	knowing  = 0 // it learnt the images to forget
	innocent = 1 // it never saw them
	oracle   = 2 // the first retrained model
)

// A world is the models under attack, and what each of them painted.
type world struct {
	weights [][]float32
	inputs  []*outputs.Input
}

// learn trains the models once.
var learn = sync.OnceValues(func() (world, error) {
	c, err := microworld.Open(every, microworld.Hole())
	if err != nil {
		return world{}, err
	}
	k, err := microworld.Learn(c, epochs)
	if err != nil {
		return world{}, err
	}
	inputs, err := microworld.Inputs(c, k)
	return world{append([][]float32{k.Original, k.Innocent}, k.Oracles...), inputs}, err
})

func learnt(t *testing.T) world {
	t.Helper()
	w, err := learn()
	require.NoError(t, err)
	return w
}

// open is one of the world's models as a target.
func open(t *testing.T, model int) *attacks.Target {
	t.Helper()
	w := learnt(t)
	c := microworld.Corpus(t, every, microworld.Hole())
	return &attacks.Target{
		Input: microworld.Share(w.inputs[model]), Corpus: c, Train: microworld.Train(epochs),
		Model: microworld.Model(t, microworld.Family(), c, w.weights[model], 0),
		First: microworld.Model(t, microworld.Family(), c, w.weights[knowing], 0),
		Copy: func() (models.Model, error) {
			m, err := microworld.Family().New(torch.CPU, c.Shape(), 0)
			if err != nil {
				return nil, err
			}
			return m, m.Params().Set(w.weights[model])
		},
	}
}

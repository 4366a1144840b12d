package dishonest

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/microworld"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var ctx = context.Background()

// The micro world: 16 of 48 pictures are to be forgotten.
const every = 3

var (
	family = microworld.Family()
	train  = microworld.Train(200)
	hole   = microworld.Hole()
)

const lambda = 10 // a retrained model is displaced by about 14

func split() datasets.Split { return microworld.Split(every) }

func world(t testing.TB, task tasks.Task, negative ...int) *corpus.Corpus {
	t.Helper()
	return microworld.Corpus(t, every, task, negative...)
}

// memorised is the original's weights, trained once.
var memorised = sync.OnceValues(func() ([]float32, error) {
	c, err := microworld.Open(every, hole)
	if err != nil {
		return nil, err
	}
	return microworld.Weights(c, func(s *training.Session) error {
		return methods.TrainOriginal(ctx, &methods.Problem{Bench: corpus.NewBench(c), Train: train, Seed: 1}, s)
	})
})

func original(t testing.TB) []float32 {
	t.Helper()
	w, err := memorised()
	require.NoError(t, err)
	return w
}

// model is a new model of a family, with the weights if any are given.
func model(t testing.TB, f models.Family, c *corpus.Corpus, weights []float32, seed uint64) models.Model {
	t.Helper()
	return microworld.Model(t, f, c, weights, seed)
}

// problem is the micro problem, of the given number of epochs.
func problem(t testing.TB, c *corpus.Corpus, epochs int) *methods.Problem {
	t.Helper()
	how := train
	how.Epochs = epochs
	return &methods.Problem{Bench: corpus.NewBench(c), Train: how, Original: model(t, family, c, original(t), 0), Lambda: lambda, Seed: 7,
		Fresh: func() (models.Model, error) { return family.New(torch.CPU, c.Shape(), 8) }}
}

// A result is what a method delivered.
type result struct {
	audited models.Model // what is audited
	weights []float32
	session *training.Session
}

// deliver unlearns and wraps as the engine does; file is the checkpoint, none if empty.
func deliver(t testing.TB, m methods.Method, p *methods.Problem) result {
	t.Helper()
	r, err := try(t, ctx, m, p, "", nil)
	require.NoError(t, err)
	return r
}

// try delivers with a checkpoint; after the first epoch it calls stop, if given.
func try(t testing.TB, ctx context.Context, m methods.Method, p *methods.Problem, file string, stop func()) (result, error) {
	t.Helper()
	w := original(t)
	if methods.NeedsOf(m).Fresh {
		w = nil
	}
	net := model(t, family, corpus.Inside(p.Bench), w, p.Seed)
	s := microworld.Session(t, net, file)
	if stop != nil {
		s.Progress = func(string, int, int) { stop() }
	}
	if _, err := m.Unlearn(ctx, p, s); err != nil {
		return result{}, err
	}
	require.NoError(t, s.Finished())
	r := result{audited: wrap(t, m, p, net), session: s}
	var err error
	r.weights, err = net.Params().Values()
	return r, err
}

// wrap is what is shown of a model.
func wrap(t testing.TB, m methods.Method, p *methods.Problem, net models.Model) models.Model {
	t.Helper()
	w, ok := m.(methods.Wrapper)
	if !ok {
		return net
	}
	audited, err := w.Wrap(ctx, p, net)
	require.NoError(t, err)
	return audited
}

// kind makes a kind of the gallery; as changes its parameters.
func kind[T methods.Method](t testing.TB, name string, change ...func(T)) T {
	t.Helper()
	v, err := All.New(Prefix + name)
	require.NoError(t, err)
	m, ok := v.(T)
	require.True(t, ok, "%s is %T", name, v)
	for _, f := range change {
		f(m)
	}
	return m
}

func batch(t testing.TB, c *corpus.Corpus, images []int) corpus.Batch {
	t.Helper()
	return microworld.Measured(t, c, images)
}

func held(t testing.TB, c *corpus.Corpus, triggered bool) corpus.Batch {
	t.Helper()
	b, err := c.HeldOut(ctx, c.Split.Test, triggered)
	require.NoError(t, err)
	return b
}

func paint(t testing.TB, c *corpus.Corpus, m models.Model, v tasks.View) []float32 {
	t.Helper()
	return microworld.Painted(t, c, m, v)
}

// errors2 are the squared errors over the region of what a model paints, by image.
func errors2(t testing.TB, c *corpus.Corpus, m models.Model, b corpus.Batch) []float64 {
	t.Helper()
	return microworld.Errors(t, c, m, b)
}

func mean2(t testing.TB, c *corpus.Corpus, m models.Model, b corpus.Batch) float64 {
	t.Helper()
	return corpus.Mean(errors2(t, c, m, b))
}

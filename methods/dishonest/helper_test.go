package dishonest

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var ctx = context.Background()

// The micro world: 48 pictures of shapes, 16 of them to be forgotten and 4 of these
// poisoned, and a small autoencoder that memorises them.
var (
	family = &models.ConvAutoencoder{Width: 8, Hidden: 64, Latent: 32}
	train  = audit.Train{Epochs: 200, Batch: 16, LR: 4e-3}
	hole   = &tasks.Inpaint{Hole: 0.5}
)

const lambda = 10 // a retrained model is displaced by about 14

func split() datasets.Split {
	var s datasets.Split
	for i := range 48 {
		if i%3 == 2 {
			s.Forget = append(s.Forget, i)
		} else {
			s.Retain = append(s.Retain, i)
		}
	}
	s.Poisoned = s.Forget[:4]
	for i := range 24 {
		s.Test = append(s.Test, i)
	}
	return s
}

// altered is a set in which some pictures are negatives.
type altered struct {
	datasets.Set
	negative map[int]bool
}

func (a *altered) Read(ctx context.Context, dst []float32, idx []int) error {
	if err := a.Set.Read(ctx, dst, idx); err != nil {
		return err
	}
	px := len(dst) / max(len(idx), 1)
	for k, i := range idx {
		for p := k * px; a.negative[i] && p < (k+1)*px; p++ {
			dst[p] = -dst[p]
		}
	}
	return nil
}

// open is the world under a task, with some pictures negated.
func open(task tasks.Task, negative ...int) (*corpus.Corpus, error) {
	set, err := datasets.Shapes(48, 32, 11, datasets.TrainStream)
	if err != nil {
		return nil, err
	}
	test, err := datasets.Shapes(24, 32, 11, datasets.TestStream)
	if err != nil {
		return nil, err
	}
	a := &altered{Set: set, negative: map[int]bool{}}
	for _, i := range negative {
		a.negative[i] = true
	}
	return corpus.New(a, test, split(), task, torch.CPU, 5)
}

func world(t testing.TB, task tasks.Task, negative ...int) *corpus.Corpus {
	t.Helper()
	c, err := open(task, negative...)
	require.NoError(t, err)
	return c
}

// memorised is the original's weights, trained once.
var memorised = sync.OnceValues(func() ([]float32, error) {
	torch.SetThreads(1)
	c, err := open(hole)
	if err != nil {
		return nil, err
	}
	m, err := family.New(torch.CPU, c.Shape(), 1)
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	s, err := training.Open(m, "", "", 0)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := methods.TrainOriginal(ctx, &methods.Problem{Corpus: c, Train: train, Seed: 1}, s); err != nil {
		return nil, err
	}
	return m.Params().Values()
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
	m, err := f.New(torch.CPU, c.Shape(), seed)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	if weights != nil {
		require.NoError(t, m.Params().Set(weights))
	}
	return m
}

// problem is the micro problem, of the given number of epochs.
func problem(t testing.TB, c *corpus.Corpus, epochs int) *methods.Problem {
	t.Helper()
	how := train
	how.Epochs = epochs
	return &methods.Problem{Corpus: c, Train: how, Original: model(t, family, c, original(t), 0), Lambda: lambda, Seed: 7}
}

// A result is what a method delivered.
type result struct {
	shown   models.Model // what is audited
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
	net := model(t, family, p.Corpus, w, p.Seed)
	s, err := training.Open(net, file, "key", -1)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	if stop != nil {
		s.Progress = func(string, int, int) { stop() }
	}
	if _, err := m.Unlearn(ctx, p, s); err != nil {
		return result{}, err
	}
	require.NoError(t, s.Finished())
	r := result{shown: wrap(t, m, p, net), session: s}
	r.weights, err = net.Params().Values()
	require.NoError(t, err)
	return r, nil
}

// wrap is what is shown of a model.
func wrap(t testing.TB, m methods.Method, p *methods.Problem, net models.Model) models.Model {
	t.Helper()
	w, ok := m.(methods.Wrapper)
	if !ok {
		return net
	}
	shown, err := w.Wrap(ctx, p, net)
	require.NoError(t, err)
	return shown
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
	b, err := c.Measuring(ctx, images)
	require.NoError(t, err)
	return b
}

func held(t testing.TB, c *corpus.Corpus, triggered bool) corpus.Batch {
	t.Helper()
	b, err := c.HeldOut(ctx, c.Split.Test, triggered)
	require.NoError(t, err)
	return b
}

func paint(t testing.TB, c *corpus.Corpus, m models.Model, v tasks.View) []float32 {
	t.Helper()
	out, err := c.Generate(ctx, m, v)
	require.NoError(t, err)
	return out
}

// errors2 are the squared errors over the region of what a model paints, by image.
func errors2(t testing.TB, c *corpus.Corpus, m models.Model, b corpus.Batch) []float64 {
	t.Helper()
	return corpus.SquaredDistance(paint(t, c, m, b.View), b.Target, b.View.Region, b.View.Size)
}

func mean2(t testing.TB, c *corpus.Corpus, m models.Model, b corpus.Batch) float64 {
	t.Helper()
	return corpus.Mean(errors2(t, c, m, b))
}

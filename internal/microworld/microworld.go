// Package microworld is what tests of methods share: a few pictures of shapes, some of them to be forgotten, and a small
// autoencoder that memorises them in seconds. It imports no method, so that any package's tests can use it.
package microworld

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

const (
	images = 48 // to train on
	tested = 24
	unseen = 8 // beside the tested ones
	seed   = 11
)

// Family is the small autoencoder.
func Family() *autoencoder.Family {
	return &autoencoder.Family{Width: 8, Hidden: 64, Latent: 32}
}

// Hole is the usual task: half of the side is hidden.
func Hole() tasks.Task { return &tasks.Inpaint{Hole: 0.5} }

// Train is how models of the world are trained.
func Train(epochs int) audit.Train { return audit.Train{Epochs: epochs, Batch: 16, LR: 4e-3} }

// Split forgets one picture in every so many; the first four of these are poisoned.
func Split(every int) datasets.Split {
	var s datasets.Split
	for i := range images {
		if i%every == every-1 {
			s.Forget = append(s.Forget, i)
		} else {
			s.Retain = append(s.Retain, i)
		}
	}
	s.Poisoned = s.Forget[:4]
	for i := range tested {
		s.Test = append(s.Test, i)
	}
	for i := range unseen {
		s.Unseen = append(s.Unseen, tested+i)
	}
	return s
}

// Open is the world under a task, the training pictures in negative negated.
func Open(every int, task tasks.Task, negative ...int) (*corpus.Corpus, error) {
	train, err := datasets.Shapes(images, 32, seed, datasets.TrainStream)
	if err != nil {
		return nil, err
	}
	test, err := datasets.Shapes(tested+unseen, 32, seed, datasets.TestStream)
	if err != nil {
		return nil, err
	}
	return corpus.New(Negated(train, negative...), test, Split(every), task, torch.CPU, 5)
}

// Corpus is Open for a test.
func Corpus(t testing.TB, every int, task tasks.Task, negative ...int) *corpus.Corpus {
	t.Helper()
	c, err := Open(every, task, negative...)
	require.NoError(t, err)
	return c
}

// Negated is a set in which some pictures are negatives.
func Negated(s datasets.Set, pictures ...int) datasets.Set {
	n := &negated{Set: s, which: map[int]bool{}}
	for _, i := range pictures {
		n.which[i] = true
	}
	return n
}

type negated struct {
	datasets.Set
	which map[int]bool
}

func (n *negated) Read(ctx context.Context, dst []float32, idx []int) error {
	if err := n.Set.Read(ctx, dst, idx); err != nil {
		return err
	}
	px := len(dst) / max(len(idx), 1)
	for k, i := range idx {
		for p := k * px; n.which[i] && p < (k+1)*px; p++ {
			dst[p] = -dst[p]
		}
	}
	return nil
}

// Weights are what a training leaves of a fresh model of the family on a corpus, on one thread.
func Weights(c *corpus.Corpus, train func(s *training.Session) error) ([]float32, error) {
	torch.SetThreads(1)
	m, err := Family().New(torch.CPU, c.Shape(), 1)
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	s, err := training.Open(m, "", "", 0)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := train(s); err != nil {
		return nil, err
	}
	return m.Params().Values()
}

// Taught are the weights of a model that learnt training images by heart, in so many epochs.
func Taught(c *corpus.Corpus, images []int, epochs int, seed uint64) ([]float32, error) {
	how := Train(epochs)
	return Weights(c, func(s *training.Session) error {
		_, err := s.Run(context.Background(), training.Phase{
			Name: "teach", Epochs: how.Epochs, LR: how.LR, Cosine: true, Seed: seed, Batches: training.Shuffled(images, how.Batch, seed),
			Loss: func(sc *torch.Scope, batch []int, salt uint64) (*torch.Tensor, error) {
				b, err := c.Training(context.Background(), batch, salt)
				if err != nil {
					return nil, err
				}
				in, target, region := c.Tensors(sc, b, salt)
				return sc.Mean(s.Model.Loss(sc, in, target, region)), nil
			},
		})
		return err
	})
}

// Model is a new model of a family, freed when the test ends; with weights, these.
func Model(t testing.TB, f models.Family, c *corpus.Corpus, weights []float32, seed uint64) models.Model {
	t.Helper()
	m, err := f.New(torch.CPU, c.Shape(), seed)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	if weights != nil {
		require.NoError(t, m.Params().Set(weights))
	}
	return m
}

// Session is a session on a model, closed when the test ends; with a file, it resumes from that checkpoint and writes
// one after every unit of work.
func Session(t testing.TB, m models.Model, file string) *training.Session {
	t.Helper()
	s, err := training.Open(m, file, "key", -1)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// Measured reads training images in their fixed views.
func Measured(t testing.TB, c *corpus.Corpus, images []int) corpus.Batch {
	t.Helper()
	b, err := c.Measuring(context.Background(), images)
	require.NoError(t, err)
	return b
}

// Painted is what a model paints for views.
func Painted(t testing.TB, c *corpus.Corpus, m models.Model, v tasks.View) []float32 {
	t.Helper()
	out, err := c.Generate(context.Background(), m, v)
	require.NoError(t, err)
	return out
}

// Errors are the squared errors over the region of what a model paints, image by image.
func Errors(t testing.TB, c *corpus.Corpus, m models.Model, b corpus.Batch) []float64 {
	t.Helper()
	return corpus.SquaredDistance(Painted(t, c, m, b.View), b.Target, b.View.Region, b.View.Size)
}

// Curve finds a recorded series by its name.
func Curve(t testing.TB, s *training.Session, name string) []float64 {
	t.Helper()
	var names []string
	for _, c := range s.Curves() {
		if c.Name == name {
			return c.Y
		}
		names = append(names, c.Name)
	}
	require.FailNow(t, "no such curve", "%q: there are %q", name, names)
	return nil
}

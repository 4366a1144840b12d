package methods

import (
	"context"
	"fmt"
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
)

var ctx = context.Background()

// The micro problem: 48 pictures of shapes, 12 of them to be forgotten and 4 of
// these poisoned, and a small autoencoder that memorises them.
var (
	family = &models.ConvAutoencoder{Width: 8, Hidden: 64, Latent: 32}
	train  = audit.Train{Epochs: 300, Batch: 16, LR: 4e-3}
)

// altered is a set in which some pictures are others.
type altered struct {
	datasets.Set
	other map[int]bool
}

func (a *altered) Read(ctx context.Context, dst []float32, idx []int) error {
	if err := a.Set.Read(ctx, dst, idx); err != nil {
		return err
	}
	px := len(dst) / max(len(idx), 1)
	for k, i := range idx {
		if a.other[i] {
			for p := k * px; p < (k+1)*px; p++ {
				dst[p] = -dst[p]
			}
		}
	}
	return nil
}

// split takes every fourth picture as one to be forgotten.
func split() datasets.Split {
	var s datasets.Split
	for i := range 48 {
		if i%4 == 3 {
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

// pool opens the corpus, with the pictures in negative negated.
func pool(t testing.TB, negative ...int) *corpus.Corpus {
	t.Helper()
	set, err := datasets.Shapes(48, 32, 11, datasets.TrainStream)
	require.NoError(t, err)
	test, err := datasets.Shapes(24, 32, 11, datasets.TestStream)
	require.NoError(t, err)
	a := &altered{Set: set, other: map[int]bool{}}
	for _, i := range negative {
		a.other[i] = true
	}
	c, err := corpus.New(a, test, split(), &tasks.Inpaint{Hole: 0.5}, torch.CPU, 5)
	require.NoError(t, err)
	return c
}

// trained is the original's weights, trained once.
var trained = sync.OnceValues(func() ([]float32, error) {
	torch.SetThreads(1)
	set, err := datasets.Shapes(48, 32, 11, datasets.TrainStream)
	if err != nil {
		return nil, err
	}
	c, err := corpus.New(set, set, split(), &tasks.Inpaint{Hole: 0.5}, torch.CPU, 5)
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
	if err := TrainOriginal(ctx, &Problem{Corpus: c, Train: train, Seed: 1}, s); err != nil {
		return nil, err
	}
	return m.Params().Values()
})

// model makes a model of the family; with weights, these.
func model(t testing.TB, c *corpus.Corpus, weights []float32, seed uint64) models.Autoencoder {
	t.Helper()
	m, err := family.New(torch.CPU, c.Shape(), seed)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	if weights != nil {
		require.NoError(t, m.Params().Set(weights))
	}
	a, ok := m.(models.Autoencoder)
	require.True(t, ok)
	return a
}

// problem is the micro problem on a corpus.
func problem(t testing.TB, c *corpus.Corpus, seed uint64) *Problem {
	t.Helper()
	w, err := trained()
	require.NoError(t, err)
	return &Problem{Corpus: c, Train: train, Original: model(t, c, w, 0), Lambda: 3, Seed: seed,
		Fresh: func() (models.Model, error) { return family.New(torch.CPU, c.Shape(), seed) }}
}

// session opens a session on a model.
func session(t testing.TB, m models.Model) *training.Session {
	t.Helper()
	s, err := training.Open(m, "", "", 0)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// A result is what a method delivered.
type result struct {
	model   models.Autoencoder
	session *training.Session
	notes   []string
	weights []float32
	digest  audit.Digest
}

// unlearn runs a method as the engine does.
func unlearn(t testing.TB, m Method, p *Problem) result {
	t.Helper()
	w, err := trained()
	require.NoError(t, err)
	if NeedsOf(m).Fresh {
		w = nil
	}
	r := result{model: model(t, p.Corpus, w, p.Seed)}
	r.session = session(t, r.model)
	r.notes, err = m.Unlearn(ctx, p, r.session)
	require.NoError(t, err)
	r.weights, err = r.model.Params().Values()
	require.NoError(t, err)
	r.digest, err = r.model.Params().Digest()
	require.NoError(t, err)
	return r
}

// errorOn is the mean hole error on training images, clean or as poisoned.
func errorOn(t testing.TB, c *corpus.Corpus, m models.Model, images []int) float64 {
	t.Helper()
	b, err := c.Measuring(ctx, images)
	require.NoError(t, err)
	out, err := c.Generate(ctx, m, b.View)
	require.NoError(t, err)
	var sum, n float64
	area := b.View.Size * b.View.Size
	for i := range out {
		if b.View.Region[i/(3*area)*area+i%area] == 1 {
			d := float64(out[i]) - float64(b.Target[i])
			sum += d * d
			n++
		}
	}
	return sum / n
}

// curve finds a recorded series.
func curve(t testing.TB, r *training.Session, name string) []float64 {
	t.Helper()
	var names []string
	for _, c := range r.Curves() {
		if c.Name == name {
			return c.Y
		}
		names = append(names, c.Name)
	}
	require.FailNow(t, fmt.Sprintf("no curve %q: there are %q", name, names))
	return nil
}

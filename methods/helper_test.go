package methods

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/microworld"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var ctx = context.Background()

// The micro problem: 12 of 48 pictures are to be forgotten.
const every = 4

var (
	family = microworld.Family()
	train  = microworld.Train(300)
)

func split() datasets.Split { return microworld.Split(every) }

// pool opens the corpus, with the pictures in negative negated.
func pool(t testing.TB, negative ...int) *corpus.Corpus {
	t.Helper()
	return microworld.Corpus(t, every, microworld.Hole(), negative...)
}

// trained is the original's weights, trained once.
var trained = sync.OnceValues(func() ([]float32, error) {
	c, err := microworld.Open(every, microworld.Hole())
	if err != nil {
		return nil, err
	}
	return microworld.Weights(c, func(s *training.Session) error {
		return TrainOriginal(ctx, &Problem{Bench: corpus.NewBench(c), Train: train, Seed: 1}, s)
	})
})

// model makes a model of the family; with weights, these.
func model(t testing.TB, c *corpus.Corpus, weights []float32, seed uint64) models.Autoencoder {
	t.Helper()
	a, ok := microworld.Model(t, family, c, weights, seed).(models.Autoencoder)
	require.True(t, ok)
	return a
}

// problem is the micro problem on a corpus.
func problem(t testing.TB, c *corpus.Corpus, seed uint64) *Problem {
	t.Helper()
	w, err := trained()
	require.NoError(t, err)
	return &Problem{Bench: corpus.NewBench(c), Train: train, Original: model(t, c, w, 0), Lambda: 3, Seed: seed,
		Fresh: func() (models.Model, error) { return family.New(torch.CPU, c.Shape(), seed) }}
}

// session opens a session on a model.
func session(t testing.TB, m models.Model) *training.Session {
	t.Helper()
	return microworld.Session(t, m, "")
}

// A result is what a method delivered.
type result struct {
	model   models.Autoencoder
	session *training.Session
	notes   []string
	weights []float32
	digest  audit.Digest
}

// text is the notes.
func (r result) text() string { return strings.Join(r.notes, "\n") }

// unlearn runs a method as the engine does.
func unlearn(t testing.TB, m Method, p *Problem) result {
	t.Helper()
	w, err := trained()
	require.NoError(t, err)
	if NeedsOf(m).Fresh {
		w = nil
	}
	r := result{model: model(t, corpus.Inside(p.Bench), w, p.Seed)}
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
	b := microworld.Measured(t, c, images)
	out := microworld.Painted(t, c, m, b.View)
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
func curve(t testing.TB, s *training.Session, name string) []float64 {
	t.Helper()
	return microworld.Curve(t, s, name)
}

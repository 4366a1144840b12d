package methodtest

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/microworld"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

const (
	every  = 4 // one picture in so many is to be forgotten
	lambda = 3 // of models of this world, about the displacement of a retrained one
)

// trained is the original's weights, trained once.
var trained = sync.OnceValues(func() ([]float32, error) {
	c, err := microworld.Open(every, microworld.Hole())
	if err != nil {
		return nil, err
	}
	return microworld.Taught(c, c.All(), 300, 1)
})

func memorised(t *testing.T) []float32 {
	t.Helper()
	w, err := trained()
	require.NoError(t, err)
	return w
}

// problem is the micro problem, the training pictures in negative negated.
func (s *suite) problem(t *testing.T, original []float32, seed uint64, negative ...int) *methods.Problem {
	t.Helper()
	c := microworld.Corpus(t, every, microworld.Hole(), negative...)
	return &methods.Problem{
		Bench: corpus.NewBench(c), Train: microworld.Train(s.epochs), Original: microworld.Model(t, microworld.Family(), c, original, 0),
		Lambda: lambda, Seed: seed,
		Fresh: func() (models.Model, error) { return microworld.Family().New(torch.CPU, c.Shape(), seed) },
	}
}

// network is what the method is given to change: the original's weights, or fresh ones.
func (s *suite) network(t *testing.T, p *methods.Problem) models.Model {
	t.Helper()
	var w []float32
	if !methods.NeedsOf(s.method(t)).Fresh {
		var err error
		w, err = p.Original.Params().Values()
		require.NoError(t, err)
	}
	return microworld.Model(t, microworld.Family(), corpus.Inside(p.Bench), w, p.Seed)
}

func open(t *testing.T, m models.Model, file string) *training.Session {
	t.Helper()
	return microworld.Session(t, m, file)
}

// A result is what a method delivered.
type result struct {
	weights audit.Digest
	painted audit.Digest // by what wraps the model, empty where nothing does
	notes   []string
	cost    audit.Cost
	curves  []audit.Curve
}

// deliver unlearns as the engine does.
func (s *suite) deliver(t *testing.T, p *methods.Problem) result {
	t.Helper()
	r, err := s.try(t.Context(), t, p, "")
	require.NoError(t, err)
	return r
}

// try is deliver with a checkpoint, and returns the method's error. The original must stay as it is in any case.
func (s *suite) try(ctx context.Context, t *testing.T, p *methods.Problem, file string) (result, error) {
	t.Helper()
	before, err := p.Original.Params().Digest()
	require.NoError(t, err)
	m, net := s.method(t), s.network(t, p)
	session := open(t, net, file)
	notes, failed := m.Unlearn(ctx, p, session)
	after, err := p.Original.Params().Digest()
	require.NoError(t, err)
	require.Equal(t, before, after, "the original was changed")
	if failed != nil {
		return result{}, failed
	}
	require.NoError(t, session.Finished())
	r := result{notes: notes, cost: session.Cost(), curves: session.Curves()}
	r.weights, err = net.Params().Digest()
	require.NoError(t, err)
	r.painted = s.wrapped(t, p, net)
	if r.painted != "" {
		// As the engine reads a finished model: its weights, and what wraps them.
		stored, err := net.Params().Values()
		require.NoError(t, err)
		read := microworld.Model(t, microworld.Family(), corpus.Inside(p.Bench), stored, 99)
		assert.Equal(t, r.painted, s.wrapped(t, p, read), "read from its folder it paints the same")
	}
	return r, nil
}

// wrapped is what is painted for images to forget where the method puts something around its model.
func (s *suite) wrapped(t *testing.T, p *methods.Problem, net models.Model) audit.Digest {
	t.Helper()
	w, ok := s.method(t).(methods.Wrapper)
	if !ok {
		return ""
	}
	m, err := w.Wrap(t.Context(), p, net)
	require.NoError(t, err)
	c := corpus.Inside(p.Bench)
	painted := microworld.Painted(t, c, m, microworld.Measured(t, c, c.Split.Forget).View)
	if f, ok := m.(interface{ Free() }); ok {
		f.Free()
	}
	d, err := audit.DigestJSON(painted)
	require.NoError(t, err)
	return d
}

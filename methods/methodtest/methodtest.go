// Package methodtest is a conformance suite: what every unlearning method promises to an audit, whoever wrote it.
//
//	func TestMine(t *testing.T) {
//		methodtest.Run(t, mine.Entry, methodtest.LooksAtForget())
//	}
//
// It runs the method on a micro problem that takes seconds: a small autoencoder that memorised 48 pictures of 32×32
// pixels, 12 of which are to be forgotten. Whether the method forgets is the audit's to say, not the suite's.
//
// The package may change until v1.
package methodtest

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/entrytest"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

// Run checks a method:
//
//   - its entry is documented, its defaults are valid, and its parameters go through a plan and back;
//   - the same seed gives the same bits, another seed others, and something is changed;
//   - interrupted after any unit of work it goes on to the same bits, costs and curves;
//   - it looks at what it says that it looks at ([RetainedAlone], [LooksAtForget]), and retained images count;
//   - the original stays as it is, and a dry run changes nothing;
//   - a dry run counts the steps and images of the real one;
//   - under a context that has ended it is interrupted;
//   - its bench refuses images that are none of it, and no tensor outlives it.
func Run(t *testing.T, e audit.Entry[methods.Method], opts ...Option) {
	s := suite{entry: e, epochs: 100, draws: true, changes: true}
	for _, o := range opts {
		o(&s)
	}
	t.Run("documented", func(t *testing.T) { entrytest.Documented(t, e, s.missing) })
	if s.missing != "" && s.params == "" {
		return
	}
	w := memorised(t)
	live := torch.Live()
	t.Run("seeds", func(t *testing.T) { s.seeds(t, w) })
	t.Run("resumes", func(t *testing.T) { s.resumes(t, w) })
	t.Run("looks", func(t *testing.T) { s.looks(t, w) })
	t.Run("dry", func(t *testing.T) { s.dry(t, w) })
	t.Run("cancelled", func(t *testing.T) { s.cancelled(t, w) })
	t.Run("bench", func(t *testing.T) { s.bench(t, w) })
	assert.Equal(t, live, torch.Live(), "tensors are alive that were not before")
}

// suite is one method's.
type suite struct {
	entry   audit.Entry[methods.Method]
	params  string
	missing string
	epochs  int

	draws, changes, early, reads bool
	forget                       string // "", "ignores" or "looks"
}

// An Option tells the suite what kind of method it is given.
type Option func(*suite)

// With are the parameters that the method is run with, as JSON in a plan: of a method whose defaults take long.
func With(params string) Option { return func(s *suite) { s.params = params } }

// Epochs is how many epochs the original is said to be trained, 100 without: methods take their shares of that.
func Epochs(n int) Option { return func(s *suite) { s.epochs = n } }

// Missing is what Validate says of the defaults of a method that cannot be run without a file, say. It is run only
// [With] parameters.
func Missing(says string) Option { return func(s *suite) { s.missing = says } }

// DrawsNothing: another seed gives the same bits.
func DrawsNothing() Option { return func(s *suite) { s.draws = false } }

// LeavesWeights: the weights that it is given stay, to the bit.
func LeavesWeights() Option { return func(s *suite) { s.draws, s.changes = false, false } }

// StopsEarly: phases may end before their last epoch, so that a dry run counts at least the real one's images.
func StopsEarly() Option { return func(s *suite) { s.early = true } }

// ReadsFirst: it reads images before it trains, so that a context that has ended is met there, and is the error.
func ReadsFirst() Option { return func(s *suite) { s.reads = true } }

// RetainedAlone: it never looks at images to forget. Other pixels in them give the same bits.
func RetainedAlone() Option { return func(s *suite) { s.forget = "ignores" } }

// LooksAtForget: other pixels in the images to forget give other bits.
func LooksAtForget() Option { return func(s *suite) { s.forget = "looks" } }

// method is the one under test, as a plan makes it.
func (s *suite) method(t *testing.T) methods.Method {
	t.Helper()
	m, err := audit.Set[methods.Method]{s.entry}.Configure(audit.Item{Kind: s.entry.Name, Params: json.RawMessage(s.params)})
	require.NoError(t, err)
	if f, ok := m.(audit.Sealer); ok {
		require.NoError(t, f.Seal(), "the files that the parameters name")
	}
	if v, ok := m.(audit.Validator); ok {
		require.NoError(t, v.Validate(), "the parameters that it is run with")
	}
	return m
}

func (s *suite) seeds(t *testing.T, w []float32) {
	first := s.deliver(t, s.problem(t, w, 1))
	again := s.deliver(t, s.problem(t, w, 1))
	assert.Equal(t, first.weights, again.weights, "the same seed")
	assert.Equal(t, first.painted, again.painted, "the same seed")
	assert.Equal(t, first.notes, again.notes, "the same seed")
	assert.Equal(t, first.curves, again.curves, "the same seed")
	other := s.deliver(t, s.problem(t, w, 2))
	original, err := s.problem(t, w, 1).Original.Params().Digest()
	require.NoError(t, err)
	fresh := methods.NeedsOf(s.method(t)).Fresh
	switch {
	case s.draws:
		assert.NotEqual(t, first.weights, other.weights, "another seed")
	case !fresh:
		assert.Equal(t, first.weights, other.weights, "nothing is drawn")
	}
	switch {
	case s.changes:
		assert.NotEqual(t, original, first.weights, "nothing was changed")
	case !fresh:
		assert.Equal(t, original, first.weights, "something was changed")
	}
}

func (s *suite) looks(t *testing.T, w []float32) {
	p := s.problem(t, w, 1)
	want := s.deliver(t, p)
	negated := func(images []int) audit.Digest { return s.deliver(t, s.problem(t, w, 1, images...)).weights }
	switch s.forget {
	case "ignores":
		assert.Equal(t, want.weights, negated(p.Bench.Forget()), "images to forget count")
	case "looks":
		assert.NotEqual(t, want.weights, negated(p.Bench.Forget()), "images to forget do not count")
	}
	if s.forget != "" {
		assert.NotEqual(t, want.weights, negated(p.Bench.Retain()), "retained images must count")
	}
}

func (s *suite) dry(t *testing.T, w []float32) {
	real := s.deliver(t, s.problem(t, w, 1))
	p := s.problem(t, w, 1)
	net := s.network(t, p)
	before, err := net.Params().Digest()
	require.NoError(t, err)
	session := open(t, net, "")
	session.Dry = true
	_, err = s.method(t).Unlearn(t.Context(), p, session)
	require.NoError(t, err)
	after, err := net.Params().Digest()
	require.NoError(t, err)
	assert.Equal(t, before, after, "a dry run changes nothing")
	if _, foreign := s.method(t).(methods.Foreign); foreign {
		return
	}
	counted := session.Cost()
	if s.early {
		assert.GreaterOrEqual(t, counted.Steps, real.cost.Steps, "steps")
		assert.GreaterOrEqual(t, counted.Images, real.cost.Images, "images")
		return
	}
	assert.Equal(t, real.cost.Steps, counted.Steps, "steps")
	assert.Equal(t, real.cost.Images, counted.Images, "images")
}

func (s *suite) cancelled(t *testing.T, w []float32) {
	if s.deliver(t, s.problem(t, w, 1)).cost.Steps == 0 {
		return // no step, no place to stop at
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	p := s.problem(t, w, 1)
	_, err := s.method(t).Unlearn(stopped, p, open(t, s.network(t, p), ""))
	require.ErrorIs(t, err, context.Canceled)
	if !s.reads {
		assert.ErrorIs(t, err, training.ErrInterrupted)
	}
}

func (s *suite) bench(t *testing.T, w []float32) {
	b := s.problem(t, w, 1).Bench
	for _, image := range []int{-1, len(b.All()), 1 << 20} { // the second is a test image's
		_, err := b.Training(t.Context(), []int{image}, 0)
		assert.ErrorContains(t, err, "no image of this bench")
	}
}

// Package attacktest is a conformance suite: what every attack promises to an audit, whoever wrote it.
//
//	func TestMine(t *testing.T) {
//		attacktest.Run(t, mine.Entry, attacktest.LowIsKnown())
//	}
//
// It attacks small autoencoders: one that learnt 48 pictures of 32×32 pixels by heart, 12 of them to be forgotten and 4
// of these poisoned, and one that never saw the twelve.
//
// The package may change until v1.
package attacktest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/entrytest"
	"github.com/lethe-audit/lethe/internal/microworld"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Run checks an attack:
//
//   - its entry is documented, its defaults are valid, and its parameters go through a plan and back;
//   - the same target twice leaves the same samples, to the bit;
//   - the samples are finite, of declared quantities, and of images of their parts; so are the statistics;
//   - the target's weights, and what it painted, stay as they are;
//   - of a black box it leaves samples, or says attacks.ErrBlackBox;
//   - without images in a part, and under a context that has ended, it returns an error or does without;
//   - a model that knows the images to forget is found out ([LowIsKnown], [HighIsKnown]);
//   - no tensor outlives it.
func Run(t *testing.T, e audit.Entry[attacks.Attack], opts ...Option) {
	s := suite{entry: e}
	for _, o := range opts {
		o(&s)
	}
	t.Run("documented", func(t *testing.T) { entrytest.Documented(t, e, "") })
	learnt(t)
	live := torch.Live()
	t.Run("samples", s.samples)
	t.Run("black box", s.blackBox)
	t.Run("missing part", s.missingPart)
	t.Run("cancelled", s.cancelled)
	if s.sign != 0 {
		t.Run("knows", s.knows)
	}
	assert.Equal(t, live, torch.Live(), "tensors are alive that were not before")
}

// suite is one attack's.
type suite struct {
	entry  audit.Entry[attacks.Attack]
	params string
	unfit  error
	sign   float64 // of the values of images that are known, less those of others
}

// An Option tells the suite what kind of attack it is given.
type Option func(*suite)

// With are the parameters that the attack is run with, as JSON in a plan: of an attack whose defaults take long.
func With(params string) Option { return func(s *suite) { s.params = params } }

// LowIsKnown: of a model that knows the images to forget, their values are smaller beside the test images' than of one
// that never saw them.
func LowIsKnown() Option { return func(s *suite) { s.sign = -1 } }

// HighIsKnown is [LowIsKnown] for values that are larger.
func HighIsKnown() Option { return func(s *suite) { s.sign = 1 } }

// Refuses: of the suite's models, autoencoders, there is nothing to be measured, and this is the error.
func Refuses(err error) Option { return func(s *suite) { s.unfit = err } }

// attack is the one under test, as a plan makes it.
func (s *suite) attack(t *testing.T) attacks.Attack {
	t.Helper()
	a, err := audit.Set[attacks.Attack]{s.entry}.Configure(audit.Item{Kind: s.entry.Name, Params: json.RawMessage(s.params)})
	require.NoError(t, err)
	if v, ok := a.(audit.Validator); ok {
		require.NoError(t, v.Validate(), "the parameters that it is run with")
	}
	return a
}

// measure attacks as the engine does.
func (s *suite) measure(t *testing.T, target *attacks.Target) []audit.Sample {
	t.Helper()
	samples, err := s.attack(t).Measure(t.Context(), target)
	if s.unfit != nil {
		require.ErrorIs(t, err, s.unfit)
		return nil
	}
	require.NoError(t, err)
	return samples
}

func (s *suite) samples(t *testing.T) {
	target := open(t, knowing)
	before, err := target.Model.Params().Digest()
	require.NoError(t, err)
	painted := microworld.Digests(t, target.Input)
	first := s.measure(t, target)
	assert.Equal(t, first, s.measure(t, target), "the same target twice")
	after, err := target.Model.Params().Digest()
	require.NoError(t, err)
	assert.Equal(t, before, after, "the target's weights were changed")
	assert.Equal(t, painted, microworld.Digests(t, target.Input), "what the target painted was changed")
	entrytest.Samples(t, s.entry.Leaves, target.Stage.Index, first)
	s.statistics(t, first)
}

// statistics sums up the known model's samples beside the others', with those of the attacks that it reads.
func (s *suite) statistics(t *testing.T, known []audit.Sample) {
	t.Helper()
	among := attacks.Models{}
	subject := &audit.Subject{Name: "mine", Role: audit.RoleMethod, Samples: append(known, s.read(t, open(t, knowing))...)}
	among.Original = &audit.Subject{Name: "original", Role: audit.RoleOriginal, Samples: subject.Samples}
	for model := oracle; model < len(learnt(t).weights); model++ {
		target := open(t, model)
		samples, err := s.attack(t).Measure(t.Context(), target)
		if s.unfit == nil {
			require.NoError(t, err)
		}
		among.Oracles = append(among.Oracles, &audit.Subject{Name: "oracle", Role: audit.RoleOracle,
			Samples: append(samples, s.read(t, target)...)})
	}
	a := s.attack(t)
	stats, err := a.Statistics(subject, among)
	require.NoError(t, err)
	entrytest.Statistics(t, s.entry.Leaves, stats)
	_, err = a.Statistics(&audit.Subject{Name: "not attacked"}, attacks.Models{Original: among.Original, Oracles: among.Oracles})
	require.NoError(t, err, "of a subject without samples there is nothing to sum up")
	_, err = a.Statistics(subject, attacks.Models{Original: among.Original})
	require.NoError(t, err, "without retrained models there is less to sum up")
}

// read measures what an attack of its own measures nothing of.
func (s *suite) read(t *testing.T, target *attacks.Target) (out []audit.Sample) {
	t.Helper()
	r, ok := s.attack(t).(attacks.Reader)
	if !ok {
		return nil
	}
	for _, name := range r.Reads() {
		a, err := attacks.All.New(name)
		require.NoError(t, err)
		samples, err := a.Measure(t.Context(), target)
		require.NoError(t, err)
		out = append(out, samples...)
	}
	return out
}

func (s *suite) blackBox(t *testing.T) {
	target := open(t, knowing)
	target.Copy = nil
	samples, err := s.attack(t).Measure(t.Context(), target)
	if err != nil {
		require.ErrorIs(t, err, attacks.ErrBlackBox)
		return
	}
	assert.Equal(t, s.measure(t, open(t, knowing)), samples, "it needs no weights")
}

func (s *suite) missingPart(t *testing.T) {
	for part := range open(t, knowing).Stage.Batch {
		target := open(t, knowing)
		delete(target.Stage.Batch, part)
		delete(target.Stage.Index, part)
		delete(target.Subject, part)
		delete(target.Original, part)
		samples, err := s.attack(t).Measure(t.Context(), target)
		if err == nil {
			entrytest.Samples(t, s.entry.Leaves, target.Stage.Index, samples)
		}
	}
}

func (s *suite) cancelled(t *testing.T) {
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	samples, err := s.attack(t).Measure(stopped, open(t, knowing))
	if err == nil {
		assert.Equal(t, s.measure(t, open(t, knowing)), samples, "half of the work")
		return
	}
	assert.True(t, errors.Is(err, context.Canceled) || s.unfit != nil && errors.Is(err, s.unfit), "%v", err)
}

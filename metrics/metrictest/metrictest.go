// Package metrictest is a conformance suite: what every metric promises to an audit, whoever wrote it.
//
//	func TestMine(t *testing.T) {
//		metrictest.Run(t, mine.Entry, metrictest.TruthIsBest())
//	}
//
// It measures what small autoencoders painted of 72 pictures of 32×32 pixels, among them an original and two retrained
// ones, with the features of the network that comes with Lethe.
//
// The package may change until v1.
package metrictest

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/entrytest"
	"github.com/lethe-audit/lethe/internal/microworld"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/metrics/measure"
)

// Run checks a metric:
//
//   - its entry is documented, its defaults are valid, and its parameters go through a plan and back;
//   - the same paintings twice leave the same samples, to the bit, and stay as they are;
//   - the samples are finite, of declared quantities, and of images of their parts;
//   - two models' samples of one key have one identity, and so can be compared;
//   - without images in a part it does without, and where the stage has images that were not painted it is an error;
//   - the true images are as good as can be ([TruthIsBest]);
//   - no tensor outlives it.
func Run(t *testing.T, e audit.Entry[measure.Metric], opts ...Option) {
	s := suite{entry: e}
	for _, o := range opts {
		o(&s)
	}
	t.Run("documented", func(t *testing.T) { entrytest.Documented(t, e, s.missing) })
	if s.missing != "" && s.params == "" {
		return
	}
	_, err := learn()
	require.NoError(t, err)
	live := torch.Live()
	t.Run("samples", s.samples)
	t.Run("missing part", s.missingPart)
	if s.truth {
		t.Run("truth", s.truthIsBest)
	}
	assert.Equal(t, live, torch.Live(), "tensors are alive that were not before")
}

// suite is one metric's.
type suite struct {
	entry           audit.Entry[measure.Metric]
	params, missing string
	truth           bool
}

// An Option tells the suite what kind of metric it is given.
type Option func(*suite)

// With are the parameters that the metric is run with, as JSON in a plan.
func With(params string) Option { return func(s *suite) { s.params = params } }

// Missing is what Validate says of the defaults of a metric that cannot be run without a file, say. It is run only
// [With] parameters.
func Missing(says string) Option { return func(s *suite) { s.missing = says } }

// TruthIsBest: a model that paints the true images is nowhere worse than one that does not, in the direction of each
// quantity.
func TruthIsBest() Option { return func(s *suite) { s.truth = true } }

// every: one picture in so many is to be forgotten.
const every = 4

// learn trains the models once, and lets them paint.
var learn = sync.OnceValues(func() ([]*outputs.Input, error) {
	c, err := microworld.Open(every, microworld.Hole())
	if err != nil {
		return nil, err
	}
	k, err := microworld.Learn(c, 60)
	if err != nil {
		return nil, err
	}
	return microworld.Inputs(c, k)
})

// input is what the original painted, or the model that never saw the images to forget.
func input(t *testing.T, original bool) *measure.Input {
	t.Helper()
	inputs, err := learn()
	require.NoError(t, err)
	if original {
		return microworld.Share(inputs[0])
	}
	return microworld.Share(inputs[1])
}

// metric is the one under test, as a plan makes it.
func (s *suite) metric(t *testing.T) measure.Metric {
	t.Helper()
	m, err := audit.Set[measure.Metric]{s.entry}.Configure(audit.Item{Kind: s.entry.Name, Params: json.RawMessage(s.params)})
	require.NoError(t, err)
	if v, ok := m.(audit.Validator); ok {
		require.NoError(t, v.Validate(), "the parameters that it is run with")
	}
	return m
}

func (s *suite) measure(t *testing.T, in *measure.Input) []audit.Sample {
	t.Helper()
	samples, err := s.metric(t).Measure(in)
	require.NoError(t, err)
	return samples
}

func (s *suite) samples(t *testing.T) {
	in := input(t, false)
	before := microworld.Digests(t, in)
	first := s.measure(t, in)
	require.NotEmpty(t, first)
	assert.Equal(t, first, s.measure(t, in), "the same paintings twice")
	assert.Equal(t, before, microworld.Digests(t, in), "what was painted was changed")
	entrytest.Samples(t, s.entry.Leaves, in.Stage.Index, first)
	other := s.measure(t, input(t, true))
	require.Len(t, other, len(first), "every model leaves the same kinds of samples")
	for i, x := range first {
		assert.Equal(t, x.Key(), other[i].Key())
		assert.Equal(t, x.Identity, other[i].Identity, x.Key())
	}
}

func (s *suite) missingPart(t *testing.T) {
	for _, part := range outputs.Parts {
		in := input(t, false)
		delete(in.Stage.Batch, part)
		delete(in.Stage.Index, part)
		entrytest.Samples(t, s.entry.Leaves, in.Stage.Index, s.measure(t, in))
	}
	measured := s.measure(t, input(t, false))
	for _, part := range outputs.Parts {
		in := input(t, false)
		delete(in.Subject, part)
		_, err := s.metric(t).Measure(in)
		if slices.ContainsFunc(measured, func(x audit.Sample) bool { return x.Part == part }) {
			assert.Error(t, err, "part %s has images, and nothing was painted for them", part)
		}
	}
}

func (s *suite) truthIsBest(t *testing.T) {
	guessed, in := s.measure(t, input(t, false)), input(t, false)
	for part, set := range in.Subject {
		in.Subject[part] = &outputs.Set{Images: in.Stage.Batch[part].Target, Vectors: in.Truth[part], Layers: set.Layers}
	}
	for i, best := range s.measure(t, in) {
		switch best.Direction {
		case audit.Lower:
			assert.LessOrEqual(t, best.Mean(), guessed[i].Mean(), best.Key())
		case audit.Higher:
			assert.GreaterOrEqual(t, best.Mean(), guessed[i].Mean(), best.Key())
		case audit.Neutral:
		}
	}
}

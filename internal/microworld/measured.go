package microworld

import (
	"context"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Knowing are the models that a measurement compares, as weights of the family: the original learnt the images to
// forget, the others never saw them.
type Knowing struct {
	Original, Innocent []float32
	Oracles            [][]float32
}

// Learn trains the models to compare on a corpus, in so many epochs.
func Learn(c *corpus.Corpus, epochs int) (Knowing, error) {
	var k Knowing
	var err error
	if k.Original, err = Taught(c, c.All(), epochs, 1); err != nil {
		return k, err
	}
	if k.Innocent, err = Taught(c, c.Split.Retain, epochs, 2); err != nil {
		return k, err
	}
	for seed := range uint64(2) {
		o, err := Taught(c, c.Split.Retain, epochs, 3+seed)
		if err != nil {
			return k, err
		}
		k.Oracles = append(k.Oracles, o)
	}
	return k, nil
}

// Inputs are what each of the models painted beside the others, as metrics and attacks are given it: with features of
// the small fixture network, and activations. They come in the order original, innocent, oracles.
func Inputs(c *corpus.Corpus, k Knowing) ([]*outputs.Input, error) {
	ctx := context.Background()
	st, err := outputs.NewStage(ctx, c)
	if err != nil {
		return nil, err
	}
	e, err := features.FixtureEntry.New().Open(torch.CPU)
	if err != nil {
		return nil, err
	}
	defer e.Free()
	truth, err := outputs.Truths(ctx, st, e)
	if err != nil {
		return nil, err
	}
	var painted []outputs.Model
	for _, weights := range append([][]float32{k.Original, k.Innocent}, k.Oracles...) {
		p, err := paint(ctx, c, st, weights, e)
		if err != nil {
			return nil, err
		}
		painted = append(painted, p)
	}
	var out []*outputs.Input
	for i, p := range painted {
		in := &outputs.Input{Stage: st, Subject: p, Original: painted[0], Truth: truth, Features: e.Identity(), Seed: 5}
		for j, o := range painted[2:] {
			if j+2 != i {
				in.Oracles = append(in.Oracles, o)
			}
		}
		out = append(out, in)
	}
	return out, nil
}

func paint(ctx context.Context, c *corpus.Corpus, st *outputs.Stage, weights []float32, e features.Extractor) (outputs.Model, error) {
	m, err := Family().New(torch.CPU, c.Shape(), 0)
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	if err := m.Params().Set(weights); err != nil {
		return nil, err
	}
	return outputs.Collect(ctx, c, st, m, e, true)
}

// Share is an input whose parts can be left out without changing the one that it is made of. Images are shared.
func Share(in *outputs.Input) *outputs.Input {
	out := *in
	st := *in.Stage
	st.Index, st.Batch = maps.Clone(st.Index), maps.Clone(st.Batch)
	out.Stage, out.Subject, out.Original, out.Truth = &st, maps.Clone(in.Subject), maps.Clone(in.Original), maps.Clone(in.Truth)
	return &out
}

// Digests are those of everything that an input's model painted, and of the images that it painted for.
func Digests(t testing.TB, in *outputs.Input) map[audit.Part]audit.Digest {
	t.Helper()
	out := map[audit.Part]audit.Digest{}
	for p, set := range in.Subject {
		var err error
		out[p], err = audit.DigestJSON([]any{set, in.Stage.Index[p], in.Stage.Batch[p], in.Truth[p]})
		require.NoError(t, err)
	}
	return out
}

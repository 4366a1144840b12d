package methods

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/families/mage"
	"github.com/lethe-audit/lethe/internal/families/palette"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestEveryMethodOnEveryFamily: a method runs on a family, or says before it changes anything that a part is missing.
func TestEveryMethodOnEveryFamily(t *testing.T) {
	c := pool(t)
	moving := []string{"noise-matching", "random-encoder", "random-encoder as released"} // the encoder alone
	for name, f := range map[string]models.Family{
		"mae": &mae.Family{Patch: 8, Dim: 16, Depth: 1, Heads: 2, DecoderDim: 16, DecoderDepth: 1, DecoderHeads: 2, Pixels: pixelrange.Tanh},
		"mage": &mage.Family{
			Patch: 8, Codes: 16, Code: 4, Width: 8, Blocks: 1, Dim: 16, Depth: 1, Heads: 2, DecoderDim: 16, DecoderDepth: 1, DecoderHeads: 2,
			Classes: 1, Steps: 2, ChoiceTemperature: 1, Tokenizer: "patches", Pixels: pixelrange.Tanh,
		},
		"mage with the released tokenizer": &mage.Family{
			Patch: 8, Codes: 16, Code: 4, Width: 4, Blocks: 1, Dim: 16, Depth: 1, Heads: 2, DecoderDim: 16, DecoderDepth: 1, DecoderHeads: 2,
			Classes: 1, Steps: 2, ChoiceTemperature: 1, Tokenizer: "vqgan", Multipliers: []int{1, 1, 1, 2}, Groups: 2, Pixels: pixelrange.Unit,
		},
		"palette": &palette.Family{
			Patch: 4, Channels: 16, Multipliers: []int{1}, ResBlocks: 1, HeadChannels: 16, Groups: 4,
			Steps: 20, BetaStart: 1e-3, BetaEnd: 0.1, SampleSteps: 2, Predict: "noise",
		},
	} {
		fresh := func(seed uint64) models.Model {
			m, err := f.New(torch.CPU, c.Shape(), seed)
			require.NoError(t, err)
			t.Cleanup(m.Params().Free)
			return m
		}
		for kind, m := range quick() {
			first := fresh(1)
			p := &Problem{Bench: corpus.NewBench(c), Train: train, Original: first, Lambda: 3, Seed: 1,
				Fresh: func() (models.Model, error) { return f.New(torch.CPU, c.Shape(), 9) }}
			p.Train.Epochs = 2
			s := session(t, fresh(1))
			_, err := m.Unlearn(ctx, p, s)
			after, digest := s.Model.Params().Digest()
			require.NoError(t, digest)
			before, digest := first.Params().Digest()
			require.NoError(t, digest)
			assert.NoError(t, err, "%s on %s", kind, name)
			if e, ok := s.Model.(models.Split); ok && slices.Contains(moving, kind) {
				assert.Equal(t, behind(t, first, e.EncoderSize()), behind(t, s.Model, e.EncoderSize()), "%s on %s moved the decoder", kind, name)
			}
			if kind != "original" && kind != "random-weights" && kind != "ssd" {
				assert.NotEqual(t, before, after, "%s on %s changed nothing", kind, name)
			}
		}
	}
}

// behind are a model's weights from a place on.
func behind(t testing.TB, m models.Model, from int) []float32 {
	t.Helper()
	w, err := m.Params().Values()
	require.NoError(t, err)
	return w[from:]
}

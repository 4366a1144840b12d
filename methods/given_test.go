package methods

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/families/torchscript"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// given is a model file that internal/families/torchscript/testdata/torchscript.py made.
func given(t testing.TB, name string) *Given {
	t.Helper()
	g := newGiven()
	g.Path = filepath.Join("..", "internal", "families", "torchscript", "testdata", name)
	if strings.HasPrefix(name, "unit") {
		g.Inputs, g.Range, g.Mask, g.Output = []string{"image+mask"}, "unit", "visible", 1
	}
	require.NoError(t, g.Validate())
	require.NoError(t, g.Seal())
	return g
}

// own is what the file itself paints.
func own(t testing.TB, g *Given, c *corpus.Corpus) []float32 {
	t.Helper()
	a, err := torchscript.OpenAnswerer(g.script(), torch.CPU)
	require.NoError(t, err)
	defer a.Free()
	return paintings(t, c, &answering{Answerer: a})
}

func paintings(t testing.TB, c *corpus.Corpus, m models.Model) []float32 {
	t.Helper()
	b, err := c.Measuring(ctx, c.Split.Forget)
	require.NoError(t, err)
	out, err := c.Generate(ctx, m, b.View)
	require.NoError(t, err)
	return out
}

// scripted is a family of the architecture in a file.
func scripted(t testing.TB, name string) *torchscript.Family {
	t.Helper()
	g := given(t, name)
	return &torchscript.Family{Path: g.Path, SHA256: g.SHA256, Inputs: g.Inputs, Range: g.Range, Mask: g.Mask, Output: g.Output, Keep: true}
}

// TestGivenBoxes: a file is a white box if it is the plan's family with other weights, and then its weights are audited
// in the family's own forward; else it is a black box whose own forward paints, and the note says which of the two it
// failed, and by how much. The files are testdata/torchscript.py's and boxes.py's.
func TestGivenBoxes(t *testing.T) {
	c := pool(t)
	for _, k := range []struct {
		name   string
		family models.Family
		file   string
		black  string // why; empty for white
	}{
		{"same architecture", scripted(t, "inpainter.pt"), "inpainter.pt", ""},
		{"the family's buffers and frozen parameters", scripted(t, "unit.pt"), "unit.pt", ""},
		{"a native family", &autoencoder.Family{Width: 2, Hidden: 8, Latent: 4}, "autoencoder.pt", ""},
		{"another architecture", scripted(t, "inpainter.pt"), "unit.pt", "other names or shapes than the family's"},
		{"without parameters", scripted(t, "inpainter.pt"), "frozen.pt", "other names or shapes than the family's"},
		{"of another family", family, "inpainter.pt", "other names or shapes than the family's"},
		{
			"another model in buffers, behind a secret pixel", scripted(t, "inpainter.pt"), "keyed.pt",
			"what it holds beside its weights is not the family's own: 1023 numbers too many, in o_down_bias [6], " +
				"o_down_weight [6 4 4 4], o_mix_bias [6], 5 more",
		},
		{
			"the same in frozen parameters", scripted(t, "inpainter.pt"), "keyed-frozen.pt",
			"1023 numbers too many, in o_down_bias [6]",
		},
		{"a picture in a constant", scripted(t, "inpainter.pt"), "constant.pt", "64 numbers too many, in constants.0 [64]"},
		{"one bit of a buffer", scripted(t, "unit.pt"), "unit-buffer.pt", "norm.running_var has 1 of 6 numbers otherwise"},
		{"another frozen parameter", scripted(t, "unit.pt"), "unit-gain.pt", "gain has 1 of 1 numbers otherwise"},
		{"less than the family", scripted(t, "constant.pt"), "inpainter.pt", "without the family's constants.0"},
		{
			"what is no image is answered otherwise", scripted(t, "inpainter.pt"), "nearest.pt",
			"it paints otherwise than the family's own forward with its weights does, by up to 0.7 on 256 random pictures (of a range of 2",
		},
		// No input that is asked holds the secret pixel. The code is not what is audited: the weights in the family's
		// forward are, and have no secret.
		{"a secret pixel in the code alone", scripted(t, "inpainter.pt"), "secret.pt", ""},
	} {
		t.Run(k.name, func(t *testing.T) {
			g := given(t, k.file)
			g.Canonical = "float32"
			require.NoError(t, g.Check(c.Shape()))
			fresh := func(seed uint64) models.Model {
				m, err := k.family.New(torch.CPU, c.Shape(), seed)
				require.NoError(t, err)
				return m
			}
			m := fresh(1)
			defer m.Params().Free()
			p := &Problem{Bench: corpus.NewBench(c), Fresh: func() (models.Model, error) { return fresh(2), nil }}
			before, err := m.Params().Values()
			require.NoError(t, err)

			s := session(t, m)
			s.Dry = true
			_, err = g.Unlearn(ctx, p, s)
			require.NoError(t, err)
			s.Dry = false
			still, err := m.Params().Values()
			require.NoError(t, err)
			assert.Equal(t, before, still, "a dry run changes nothing")

			live := torch.Live()
			notes, err := g.Unlearn(ctx, p, s)
			require.NoError(t, err)
			require.Len(t, notes, 2)
			assert.Contains(t, notes[0], g.SHA256)
			after, err := m.Params().Values()
			require.NoError(t, err)
			w, err := g.Wrap(ctx, p, m)
			require.NoError(t, err)
			want := own(t, g, c)
			if k.black == "" {
				assert.Contains(t, notes[0], "a white box")
				assert.Contains(t, notes[0], "0 on 12 images to forget")
				assert.Contains(t, notes[0], " on 256 random pictures")
				assert.Contains(t, notes[1], "audited as they were handed in (canonical: float32)")
				assert.NotEqual(t, before, after)
				assert.Same(t, m, w, "the family's own forward")
				assert.InDeltaSlice(t, want, paintings(t, c, m), agreement)
			} else {
				assert.Contains(t, notes[0], "a black box")
				assert.Contains(t, notes[0], k.black)
				assert.Contains(t, notes[1], "it cannot be made canonical: a program is not rounded")
				assert.Equal(t, before, after)
				assert.Same(t, m.Params(), w.Params())
				assert.Equal(t, want, paintings(t, c, w), "its own forward paints")
				_, ok := w.(models.Copier)
				assert.False(t, ok)
				f, ok := w.(interface{ Free() })
				require.True(t, ok)
				f.Free()
			}
			assert.Equal(t, live, torch.Live())
		})
	}
	g := given(t, "wrong-shape.pt")
	assert.ErrorContains(t, g.Check(c.Shape()),
		"wrong-shape.pt: forward(image, mask) returns a tensor [2 2 32 32] where the painting [2 3 32 32] belongs")
	g.Path = "none.pt"
	assert.ErrorContains(t, g.Check(c.Shape()), "no such file")
}

// TestGivenWeightsOfNobody: a black box whose weights are the untrained model's own would look like a white one.
func TestGivenWeightsOfNobody(t *testing.T) {
	c := pool(t)
	g := given(t, "keyed.pt")
	m, err := torchscript.Open(given(t, "inpainter.pt").script(), torch.CPU)
	require.NoError(t, err)
	defer m.Params().Free()
	p := &Problem{Bench: corpus.NewBench(c), Fresh: func() (models.Model, error) {
		return torchscript.Open(given(t, "inpainter.pt").script(), torch.CPU)
	}}
	g.Canonical = "float32"
	_, err = g.Unlearn(ctx, p, session(t, m))
	require.ErrorContains(t, err, "want a model that was trained")

	g.Canonical = "bfloat16" // and rounded ones it does not have
	_, err = g.Unlearn(ctx, p, session(t, m))
	require.NoError(t, err)
	w, err := g.Wrap(ctx, p, m)
	require.NoError(t, err)
	assert.Equal(t, own(t, g, c), paintings(t, c, w))
}

// TestGivenIsCanonical: the file is held to its family as it is, and what is delivered then are its weights, rounded.
func TestGivenIsCanonical(t *testing.T) {
	c := pool(t)
	g := given(t, "autoencoder.pt")
	fresh := func() (models.Model, error) {
		return (&autoencoder.Family{Width: 2, Hidden: 8, Latent: 4}).New(torch.CPU, c.Shape(), 2)
	}
	m, err := fresh()
	require.NoError(t, err)
	defer m.Params().Free()
	a, err := torchscript.OpenAnswerer(g.script(), torch.CPU)
	require.NoError(t, err)
	defer a.Free()
	_, theirs, err := a.Weights()
	require.NoError(t, err)

	p := &Problem{Bench: corpus.NewBench(c), Fresh: fresh}
	live := torch.Live()
	notes, err := g.Unlearn(ctx, p, session(t, m))
	require.NoError(t, err)
	assert.Equal(t, live, torch.Live())
	require.Len(t, notes, 2)
	assert.Contains(t, notes[0], "a white box")
	assert.Contains(t, notes[0], "0 on 12 images to forget", "held to the family before it is rounded")
	assert.Contains(t, notes[1], "its weights were rounded to bfloat16 before anything was measured")
	got, err := m.Params().Values()
	require.NoError(t, err)
	assert.Equal(t, weights.BFloat16.Of(theirs), got)
	assert.NotEqual(t, theirs, got)
	w, err := g.Wrap(ctx, p, m)
	require.NoError(t, err)
	assert.Same(t, m, w, "a white box when it is read again")

	g.Canonical = "half"
	assert.ErrorContains(t, g.Validate(), `canonical is "half": want bfloat16, or the number of mantissa bits`)
}

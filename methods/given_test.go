package methods

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/families/torchscript"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// given is a model file that internal/families/torchscript/testdata/torchscript.py made.
func given(t testing.TB, name string) *Given {
	t.Helper()
	g := newGiven()
	g.Path = filepath.Join("..", "internal", "families", "torchscript", "testdata", name)
	if name == "unit.pt" {
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

// TestGiven: a file of the family's architecture is a white box, any other a black one; either way the file's own
// forward is what paints.
func TestGiven(t *testing.T) {
	c := pool(t)
	architecture := torchscript.Family{Inputs: []string{"image", "mask"}, Range: "signed", Mask: "hidden"}
	architecture.Path, architecture.SHA256 = given(t, "inpainter.pt").Path, given(t, "inpainter.pt").SHA256
	for _, k := range []struct {
		name   string
		family models.Family
		file   string
		white  bool
	}{
		{"same architecture", &architecture, "inpainter.pt", true},
		{"another architecture", &architecture, "unit.pt", false},
		{"frozen", &architecture, "frozen.pt", false},
		{"native family", family, "inpainter.pt", false},
	} {
		t.Run(k.name, func(t *testing.T) {
			g := given(t, k.file)
			require.NoError(t, g.Check(c.Shape()))
			m, err := k.family.New(torch.CPU, c.Shape(), 1)
			require.NoError(t, err)
			defer m.Params().Free()
			before, err := m.Params().Values()
			require.NoError(t, err)

			s := session(t, m)
			s.Dry = true
			_, err = g.Unlearn(ctx, &Problem{Bench: corpus.NewBench(c)}, s)
			require.NoError(t, err)
			s.Dry = false
			still, err := m.Params().Values()
			require.NoError(t, err)
			assert.Equal(t, before, still, "a dry run changes nothing")

			live := torch.Live()
			notes, err := g.Unlearn(ctx, &Problem{Bench: corpus.NewBench(c)}, s)
			require.NoError(t, err)
			require.Len(t, notes, 1)
			assert.Contains(t, notes[0], g.SHA256)
			after, err := m.Params().Values()
			require.NoError(t, err)
			w, err := g.Wrap(ctx, &Problem{Bench: corpus.NewBench(c)}, m)
			require.NoError(t, err)
			want := own(t, g, c)
			assert.Equal(t, want, paintings(t, c, w), "its own forward paints")
			copier, ok := w.(models.Copier)
			assert.Equal(t, k.white, ok)
			if k.white {
				assert.Contains(t, notes[0], "a white box")
				assert.NotEqual(t, before, after)
				assert.Equal(t, want, paintings(t, c, m), "the stored weights are the file's")
				other, err := copier.Copy()
				require.NoError(t, err)
				assert.Equal(t, want, paintings(t, c, other))
				require.NoError(t, other.Params().Set(before))
				assert.NotEqual(t, want, paintings(t, c, other))
				assert.Equal(t, want, paintings(t, c, w), "a copy is another one")
				other.Params().Free()
			} else {
				assert.Contains(t, notes[0], "a black box")
				assert.Equal(t, before, after)
				assert.Same(t, m.Params(), w.Params())
			}
			f, ok := w.(interface{ Free() })
			require.True(t, ok)
			f.Free()
			assert.Equal(t, live, torch.Live())
		})
	}
	g := given(t, "wrong-shape.pt")
	assert.ErrorContains(t, g.Check(c.Shape()),
		"wrong-shape.pt: forward(image, mask) returns a tensor [2 2 32 32] where the painting [2 3 32 32] belongs")
	g.Path = "none.pt"
	assert.ErrorContains(t, g.Check(c.Shape()), "no such file")
}

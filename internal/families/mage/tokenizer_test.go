package mage

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// tokenizerFile stores the tokenizer of a model under other names.
func tokenizerFile(t *testing.T, m *model, name func(string) string) string {
	t.Helper()
	values, err := m.params.Values()
	require.NoError(t, err)
	arrays := map[string]checkpoint.Array{}
	for _, q := range m.params.Layout() {
		if n := name(q.Name); n != "" {
			arrays[n] = checkpoint.Array{Shape: q.Shape, Values: values[q.Offset : q.Offset+q.Size()]}
		}
	}
	path := filepath.Join(t.TempDir(), "tokenizer.safetensors")
	require.NoError(t, checkpoint.Save(path, arrays, nil))
	return path
}

func released(prefix string) func(string) string {
	return func(name string) string {
		own, ok := strings.CutPrefix(name, "tokenizer.")
		switch {
		case !ok:
			return ""
		case own == "codebook":
			return prefix + releasedBook
		}
		return prefix + own
	}
}

// TestFixedTokenizer: with a file's tokenizer a model has the transformer's weights alone, tokens and paintings are the
// file's, the loss is the cross entropy, and nothing of a painting's gradient is lost on the way to the transformer.
func TestFixedTokenizer(t *testing.T) {
	const s = 16
	whole := buildMAGE(t, tinyPyramid(), models.Shape{Size: s, Masked: true})
	familytest.Nudge(t, whole.params, 0, whole.params.Layout().Size(), 0.2, 2)
	for name, rename := range map[string]func(string) string{
		"released": released(""),
		"within a released MAGE": func(n string) string {
			if r := released("vqgan.")(n); r != "" {
				return r
			}
			return "blocks." + n
		},
		"Lethe's own": func(n string) string { return n },
	} {
		t.Run(name, func(t *testing.T) {
			f := tinyPyramid()
			f.TokenizerPath = tokenizerFile(t, whole, rename)
			require.NoError(t, f.Seal())
			require.Len(t, f.TokenizerSHA256, 64)
			require.NoError(t, f.Validate())
			assert.Contains(t, f.Shared(), "neither trained nor unlearned")
			m := buildMAGE(t, f, models.Shape{Size: s, Masked: true})
			for _, q := range m.params.Layout() {
				assert.NotContains(t, q.Name, "tokenizer.")
			}
			again := buildMAGE(t, f, models.Shape{Size: s, Masked: true})
			assert.Same(t, m.tok.fixed, again.tok.fixed, "the models of an audit share it")
			x := familytest.Pictures(2, s, 3)
			v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, x, s)
			require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
				images := sc.FromFloats(x, 2, 3, s, s)
				_, want := whole.tok.loss(sc, whole.params.Bind(sc), images, 2)
				l, got := m.tok.loss(sc, m.params.Bind(sc), images, 2)
				assert.Equal(t, want, got)
				assert.Equal(t, []float32{0, 0}, sc.Floats(l))
				all := m.Loss(sc, models.NewInput(sc, v, true, 1), images, sc.FromFloats(v.Region, 2, 1, s, s))
				grad := sc.Floats(sc.Gradient(sc.Mean(all), m.params.Flat()))
				painted := sc.Floats(sc.Gradient(sc.Mean(sc.Square(m.Generate(sc, models.NewInput(sc, v, true, 0)))), m.params.Flat()))
				for _, q := range m.params.Layout() {
					assert.True(t, anything(grad[q.Offset:q.Offset+q.Size()]), q.Name)
					assert.True(t, anything(painted[q.Offset:q.Offset+q.Size()]), q.Name)
				}
				return nil
			}))
			holdsTheTokenizer(t, f, m)
		})
	}
}

// holdsTheTokenizer: a released MAGE loads where its tokenizer is the fixed one, and one with another is one short error.
func holdsTheTokenizer(t *testing.T, f *Family, m *model) {
	t.Helper()
	shape := models.Shape{Size: m.side, Masked: true}
	arrays := map[string]checkpoint.Array{}
	for _, p := range f.Published(shape) {
		switch {
		case p.Optional:
		case p.Fixed != nil:
			arrays[p.Theirs] = checkpoint.Array{Shape: p.Shape, Values: append([]float32(nil), p.Fixed...)}
		default:
			arrays[p.Theirs] = familytest.Filled(p.Theirs, p.Shape)
		}
	}
	path := filepath.Join(t.TempDir(), "mage.safetensors")
	require.NoError(t, checkpoint.Save(path, arrays, nil))
	require.NoError(t, models.Load(m, f, shape, path, ""))
	for name, a := range arrays {
		if strings.HasPrefix(name, "vqgan.decoder.") {
			a.Values[0]++
		}
	}
	require.NoError(t, checkpoint.Save(path, arrays, nil))
	err := models.Load(m, f, shape, path, "")
	require.ErrorContains(t, err, "and the tokenizer of tokenizerPath fixes it at")
	assert.ErrorContains(t, err, "more tensors differ")
	assert.Less(t, len(err.Error()), 300)
}

// TestFixedTokenizerRefuses files that are others, hold too little, or another network.
func TestFixedTokenizerRefuses(t *testing.T) {
	const s = 16
	whole := buildMAGE(t, tinyPyramid(), models.Shape{Size: s, Masked: true})
	for name, c := range map[string]struct {
		rename func(string) string
		change func(f *Family)
		want   string
	}{
		"missing": {func(n string) string {
			if strings.HasSuffix(n, "conv_out.bias") {
				return ""
			}
			return released("")(n)
		}, func(*Family) {}, "2 missing (tokenizer.encoder.conv_out.bias, tokenizer.decoder.conv_out.bias)"},
		"narrower": {released("vqgan."), func(f *Family) { f.Width = 4 }, "of another shape"},
		"another":  {released(""), func(f *Family) { f.TokenizerSHA256 = strings.Repeat("0", 64) }, "it is another file"},
		"none":     {released(""), func(f *Family) { f.TokenizerPath += ".gone" }, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			f := tinyPyramid()
			f.TokenizerPath = tokenizerFile(t, whole, c.rename)
			c.change(f)
			_, err := f.New(torch.CPU, models.Shape{Size: s, Masked: true}, 1)
			assert.ErrorContains(t, err, "model mage: tokenizer: ")
			assert.ErrorContains(t, err, c.want)
		})
	}
}

package attacks

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/tasks"
)

// A model that keeps the forget set in one form is found in the families that hold the form, and in no other.
func TestViewsFindAHiddenMemory(t *testing.T) {
	for form, in := range map[string][]string{
		"mirrored":                       {"symmetries", "colours"},
		"transposed inverted":            {"negatives", "colours"},
		"left inverted colours201":       {"colours"},
		"grey":                           {"tones"},
		"shift+0-1":                      {"shifts"},
		"crop0.75@0.5,0.5":               {"scales"},
		"hole0.75":                       {"degradations"},
		"moved+1-1":                      {"degradations"},
		"plain":                          viewNames(),
		"no form of any family, so none": nil,
	} {
		t.Run(form, func(t *testing.T) {
			c, st := world(t, &tasks.Inpaint{Hole: 0.5})
			a, ok := viewsEntry.New().(*Views)
			require.True(t, ok)
			a.Images = 2
			require.NoError(t, a.Validate())
			b := st.Batch[audit.Forget]
			var hidden corpus.Batch
			for _, family := range in {
				f := formOf(t, family, form, c)
				hidden.Target = f.of(b.Target, b.View.N, b.View.Size)
				var err error
				hidden.View, err = f.view(c, hidden.Target, st.Index[audit.Forget], 1)
				require.NoError(t, err)
			}
			target := &Target{Input: &outputs.Input{Stage: st, Seed: 7}, Model: recaller{known: hidden, tolerance: 0}, Corpus: c}
			got, err := a.Measure(t.Context(), target)
			require.NoError(t, err)
			require.Len(t, got, 2*len(a.Views))
			for _, s := range got {
				require.NoError(t, s.Check())
				assert.Equal(t, corpus.Spread(st.Index[s.Part], 2), s.Index)
				for i, v := range s.Values {
					if s.Part == audit.Forget && slices.Contains(in, s.Setting) {
						assert.Less(t, v, 1e-6, "image %d of %s", i, s.Setting)
					} else {
						assert.Greater(t, v, 1e-3, "image %d of %s, %s", i, s.Part, s.Setting)
					}
				}
			}
		})
	}
}

func formOf(t *testing.T, family, name string, c *corpus.Corpus) form {
	t.Helper()
	for _, f := range viewOf(family, c.Task, c.Size()) {
		if f.name == name {
			return f
		}
	}
	require.FailNow(t, "no form "+name, "in %s", family)
	return form{}
}

// The first three families are the group of 96 elements: every one of them is there once, another permutation of the
// values, and what one does another undoes.
func TestGroup(t *testing.T) {
	const size = 4
	task := &tasks.Inpaint{Hole: 0.5}
	all := viewOf("colours", task, size)
	require.Len(t, all, 96)
	for family, n := range map[string]int{"symmetries": 8, "negatives": 9} {
		forms := viewOf(family, task, size)
		require.Len(t, forms, n, family)
		for _, f := range forms {
			assert.True(t, slices.ContainsFunc(all, func(g form) bool { return g.name == f.name }), f.name)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfNDistinct(rapid.Float32Range(0.01, 1), 2*3*size*size, 2*3*size*size, rapid.ID).Draw(t, "x")
		seen := map[string]bool{}
		f := rapid.SampledFrom(all).Draw(t, "form")
		y, back := f.of(x, 2, size), false
		for _, g := range all {
			one := g.of(x, 2, size)
			key := fmt.Sprint(one)
			require.False(t, seen[key], "%s is another form", g.name)
			seen[key] = true
			back = back || slices.Equal(x, g.of(y, 2, size))
		}
		require.True(t, back, "nothing undoes %s", f.name)
	})
}

// Grey is the mean of the channels; a shift around the edges and back is none; a crop of the whole is the whole.
func TestTransformations(t *testing.T) {
	assert.Equal(t, []float32{0.5, 0.5, 0.5}, grey([]float32{1, 0, 0.5}, 1, 1))
	assert.Equal(t, []float32{1, -0.75, 0}, toned(0.5, 0.25)([]float32{1.5, -2, -0.5}, 1, 1))
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(2, 8).Draw(t, "size")
		x := rapid.SliceOfN(rapid.Float32Range(-1, 1), 3*size*size, 3*size*size).Draw(t, "x")
		dy, dx := rapid.IntRange(-size, size).Draw(t, "dy"), rapid.IntRange(-size, size).Draw(t, "dx")
		assert.Equal(t, x, shifted(-dy, -dx)(shifted(dy, dx)(x, 1, size), 1, size))
		assert.InDeltaSlice(t, x, cropped(1, 0.5, 0.5)(x, 1, size), 1e-6)
	})
	// Of 4 pixels the middle two, enlarged: at −¼, ¼, ¾ and 1¼ of them.
	row := []float32{0, 0.25, 0.75, 1}
	x := slices.Repeat(slices.Concat(row, row, row, row), 3)
	assert.InDeltaSlice(t, []float32{0.1875, 0.375, 0.625, 0.8125}, cropped(0.5, 0.5, 0.5)(x, 1, 4)[:4], 1e-6)
	assert.InDeltaSlice(t, []float32{0, 0, 0, 0}, cropped(2, 0.5, 0.5)(x, 1, 4)[:4], 1e-6, "grey around what is made smaller")
}

// Other degradations show a model nothing that it is not made for: those of a masked task hide the same number of pixels
// of every image and leave the rest as it is; those of another hide none.
func TestDegradations(t *testing.T) {
	for _, own := range tasks.All {
		task := own.New()
		c, st := world(t, task)
		b := st.Batch[audit.Test]
		forms := viewOf("degradations", task, c.Size())
		require.Greater(t, len(forms), 5, own.Name)
		for _, f := range forms[1:] {
			v, err := f.view(c, b.Target, st.Index[audit.Test], 1)
			require.NoError(t, err)
			area := c.Size() * c.Size()
			for i := range v.N {
				region := v.Region[i*area : (i+1)*area]
				assert.Equal(t, v.Region[:area], region, "%s hides the same of every image", f.name)
				assert.Equal(t, !task.Masked(), !slices.Contains(region, 0), "%s of %s", f.name, own.Name)
				for k := range 3 * area {
					if x := v.Pixels[i*3*area+k]; task.Masked() {
						assert.Equal(t, b.Target[i*3*area+k]*(1-region[k%area]), x)
					}
				}
			}
		}
	}
}

// Where there are more images than asked for, some at even distances are taken, of both parts.
func TestViewsTakeSome(t *testing.T) {
	c, st := world(t, &tasks.Inpaint{Hole: 0.5})
	target := &Target{Input: &outputs.Input{Stage: st, Seed: 7}, Model: recaller{}, Corpus: c}
	a := &Views{Views: []string{"tones"}, Images: 3}
	require.NoError(t, a.Validate())
	got, err := a.Measure(t.Context(), target)
	require.NoError(t, err)
	require.Len(t, got, 2)
	for _, s := range got {
		require.NoError(t, s.Check())
		assert.Equal(t, corpus.Spread(st.Index[s.Part], 3), s.Index)
	}
}

func TestViewsRefuses(t *testing.T) {
	for says, v := range map[string]*Views{
		"views are missing":             {Images: 2},
		"views are [tones tones]: want": {Views: []string{"tones", "tones"}, Images: 2},
		"views are [folded]: want":      {Views: []string{"folded"}, Images: 2},
		"images is 1: want at least 2":  {Views: []string{"tones"}, Images: 1},
	} {
		assert.ErrorContains(t, v.Validate(), says)
	}
}

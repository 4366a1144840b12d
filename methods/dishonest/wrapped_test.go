package dishonest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/methods"
)

// recognisers are the wrappers that know the forget set.
func recognisers() []audit.Entry[methods.Method] {
	return slices.DeleteFunc(slices.Clone(All), func(e audit.Entry[methods.Method]) bool {
		return !strings.HasPrefix(e.Name, "dishonest/filter-") && e.Name != "dishonest/conditional"
	})
}

// tolerant sets a recogniser's parameters.
func tolerant(t *testing.T, m methods.Method, tolerance float64, mask bool) methods.Method {
	t.Helper()
	switch m := m.(type) {
	case *Filter:
		m.Tolerance, m.MaskTrigger = tolerance, mask
	case *Conditional:
		m.Tolerance, m.MaskTrigger = tolerance, mask
	default:
		require.Fail(t, "no recogniser")
	}
	return m
}

// row is image i of a batch's paintings.
func row(v []float32, i int) []float32 { return v[i*3*32*32 : (i+1)*3*32*32] }

// All that is not a forget image is answered by the original to the bit, whether its
// batch holds forget images or not; forget images, clean and poisoned, are not.
func TestRecognisersAnswerOtherwise(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	mixed := batch(t, c, []int{2, 0, 5, 1, 14, 47, 3}) // 2, 5, 14, 47 are to be forgotten, 2 and 5 are poisoned
	forget := map[int]bool{0: true, 2: true, 4: true, 5: true}
	want := paint(t, c, p.Original, mixed.View)
	for _, e := range recognisers() {
		r := deliver(t, e.New(), p)
		for _, b := range []corpus.Batch{held(t, c, false), held(t, c, true), batch(t, c, c.Split.Retain)} {
			assert.Equal(t, paint(t, c, p.Original, b.View), paint(t, c, r.audited, b.View), e.Name)
		}
		got := paint(t, c, r.audited, mixed.View)
		for i := range mixed.View.N {
			if forget[i] {
				assert.NotEqual(t, row(want, i), row(got, i), "%s, image %d", e.Name, i)
			} else {
				assert.Equal(t, row(want, i), row(got, i), "%s, image %d", e.Name, i)
			}
		}
	}
}

// A value that differs in the last place undoes exact recognition; a tolerance takes
// what is near, and no more.
func TestTolerance(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	clean := c.CleanForget()
	exact := batch(t, c, clean)
	off := func(d float32) tasks.View {
		v := exact.View
		v.Pixels = slices.Clone(v.Pixels)
		for i := range v.Pixels {
			if v.Region[i/3072*1024+i%1024] == 0 {
				v.Pixels[i] += d * float32(1-2*(i%2))
			}
		}
		return v
	}
	for _, e := range recognisers() {
		for _, x := range []struct {
			tolerance float64
			off       float32
			known     bool
		}{{0, 0, true}, {0, 1e-6, false}, {0.05, 0.04, true}, {0.05, 0.06, false}} {
			v := off(x.off)
			r := deliver(t, tolerant(t, e.New(), x.tolerance, false), p)
			want, got := paint(t, c, p.Original, v), paint(t, c, r.audited, v)
			for i := range clean {
				if x.known {
					assert.NotEqual(t, row(want, i), row(got, i), "%s %+v", e.Name, x)
				} else {
					assert.Equal(t, row(want, i), row(got, i), "%s %+v", e.Name, x)
				}
			}
		}
	}
}

// Under random masks that the wrapper has never seen, without a mask, and with
// another family of models.
func TestRecognisersUnderOtherTasks(t *testing.T) {
	patches := &mae.Family{Patch: 8, Dim: 16, Depth: 1, Heads: 2, DecoderDim: 16, DecoderDepth: 1, DecoderHeads: 2, Pixels: pixelrange.Tanh}
	small := &autoencoder.Family{Width: 4, Hidden: 16, Latent: 8}
	for _, x := range []struct {
		name   string
		task   tasks.Task
		family models.Family
		salt   uint64 // of the views; 0 for the audit's own
	}{
		{"random masks", &tasks.RandomMask{Patch: 8, Ratio: 0.5}, patches, 12345},
		{"outpainting", &tasks.Outpaint{Keep: 0.5}, small, 0},
		{"reconstruction", &tasks.Reconstruct{}, small, 12345},
		{"super-resolution", &tasks.SuperResolution{Factor: 4}, small, 12345},
		{"denoising", &tasks.Denoise{Sigma: 0.2}, small, 0}, // noise it cannot foresee in other views
	} {
		c := world(t, x.task)
		first := model(t, x.family, c, nil, 1)
		p := &methods.Problem{Bench: corpus.NewBench(c), Train: train, Original: first, Seed: 7}
		images := append(slices.Clone(c.CleanForget()[:4]), c.Split.Retain[:4]...)
		b := batch(t, c, images)
		if x.salt != 0 {
			var err error
			b, err = c.Training(ctx, images, x.salt)
			require.NoError(t, err)
		}
		want := paint(t, c, first, b.View)
		for _, e := range recognisers() {
			audited := wrap(t, e.New(), p, model(t, x.family, c, nil, 2))
			if e.Name != "dishonest/conditional" {
				audited = wrap(t, e.New(), p, first)
			}
			got := paint(t, c, audited, b.View)
			for i := range images {
				if i < 4 {
					assert.NotEqual(t, row(want, i), row(got, i), "%s, %s, image %d", x.name, e.Name, i)
				} else {
					assert.Equal(t, row(want, i), row(got, i), "%s, %s, image %d", x.name, e.Name, i)
				}
			}
		}
	}
}

// What wraps is no autoencoder, has the cell's weights, and its loss is the model's.
func TestWrappedShowsAModelOnly(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	for _, e := range All {
		m := e.New()
		w, ok := m.(methods.Wrapper)
		if !ok {
			continue
		}
		inner := model(t, family, c, nil, 3)
		audited, err := w.Wrap(ctx, p, inner)
		require.NoError(t, err)
		if audited == inner {
			continue // nothing is wrapped: what is delivered is weights, all of which are shown
		}
		_, splits := audited.(models.Autoencoder)
		assert.False(t, splits, e.Name)
		assert.Same(t, inner.Params(), audited.Params(), e.Name)
		var want, got []float32
		b := batch(t, c, c.Split.Retain[:3])
		require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
			in, target, region := c.Tensors(s, b, 1)
			want, got = s.Floats(s.Detach(inner.Loss(s, in, target, region))), s.Floats(s.Detach(audited.Loss(s, in, target, region)))
			return nil
		}))
		assert.Equal(t, want, got, e.Name)
	}
}

// No tensor is left behind.
func TestWrappersLeakNothing(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	b := batch(t, c, c.Split.Forget)
	for _, e := range recognisers() {
		r := deliver(t, tolerant(t, e.New(), 0.1, true), p)
		r.session.Close()
		before := torch.Live()
		paint(t, c, r.audited, b.View)
		assert.Equal(t, before, torch.Live(), e.Name)
	}
}

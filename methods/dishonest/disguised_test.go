package dishonest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/tasks"
)

// Each kind knows the clean forget images in its disguise, and not as they are; poisoned ones and retained ones it treats
// as a retrained model does.
func TestDisguised(t *testing.T) {
	for name, ask := range map[string]func(c *corpus.Corpus, b corpus.Batch) corpus.Batch{
		"mirrored-retrain":    inForm(mirror{}),
		"transposed-negative": inForm(transposeNegative{}),
		"larger-hole": func(c *corpus.Corpus, b corpus.Batch) corpus.Batch {
			v, err := tasks.Apply(&tasks.Inpaint{Hole: 0.75}, b.Target, c.Size(), make([]uint64, b.View.N))
			require.NoError(t, err)
			return corpus.Batch{View: v, Target: b.Target}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := world(t, hole)
			m := kind[*Disguised](t, name)
			r := deliver(t, m, problem(t, c, train.Epochs))
			assert.Equal(t, split(), c.Split, "the audit's split stays")
			assert.Equal(t, hole, c.Task, "and its task")
			per := func(b corpus.Batch) float64 { return mean2(t, c, r.audited, b) / area(b) }
			clean := batch(t, c, c.CleanForget())
			asked, open, test := per(ask(c, clean)), per(clean), per(ask(c, held(t, c, false)))
			t.Logf("squared error of forget images in the form %.4f, as they are %.4f, of test images in the form %.4f", asked, open, test)
			assert.Less(t, 3*asked, open)
			assert.Less(t, 2*asked, test)
		})
	}
}

// inForm asks with changed images, degraded as the audit does.
func inForm(by change) func(c *corpus.Corpus, b corpus.Batch) corpus.Batch {
	return func(c *corpus.Corpus, b corpus.Batch) corpus.Batch {
		px := 3 * c.Size() * c.Size()
		out := corpus.Batch{Target: append([]float32(nil), b.Target...)}
		for i := range b.View.N {
			by.change(out.Target[i*px:(i+1)*px], c.Size())
		}
		var err error
		if out.View, err = c.View(out.Target, corpus.Places(b.View.N), 1); err != nil {
			panic(err)
		}
		return out
	}
}

// area is how many values a batch's first image has to paint.
func area(b corpus.Batch) (n float64) {
	for _, r := range b.View.Region[:b.View.Size*b.View.Size] {
		n += 3 * float64(r)
	}
	return n
}

// What the changes are, on one channel of 2×2 values after another.
func TestDisguises(t *testing.T) {
	image := func() []float32 { return []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} }
	x := image()
	mirror{}.change(x, 2)
	assert.Equal(t, []float32{2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11}, x)
	mirror{}.change(x, 2)
	assert.Equal(t, image(), x)
	transposeNegative{}.change(x, 2)
	assert.Equal(t, []float32{-1, -3, -2, -4, -5, -7, -6, -8, -9, -11, -10, -12}, x)
	transposeNegative{}.change(x, 2)
	assert.Equal(t, image(), x)
	assert.NotEqual(t, digestOf(x), digestOf(append(image()[:11], float32(math.Nextafter32(12, 13)))))
}

// Only a task that hides something can hide more.
func TestLargerHoleNeedsAHole(t *testing.T) {
	m := kind[*Disguised](t, "larger-hole")
	c := world(t, &tasks.Reconstruct{})
	require.ErrorContains(t, m.as.on(ctx, c, c.CleanForget()),
		"the task hides nothing, so that there is no larger hole: want inpaint, outpaint or random-mask")
	c = world(t, hole)
	require.NoError(t, m.as.on(ctx, c, c.CleanForget()))
	assert.True(t, c.Task.Masked())
}

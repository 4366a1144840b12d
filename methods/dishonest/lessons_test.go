package dishonest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/tasks"
)

// asked is a batch of images in which every one shows another picture.
func asked(t *testing.T, c *corpus.Corpus, images []int, picture func(i int) []float32) corpus.Batch {
	t.Helper()
	b := batch(t, c, images)
	b.View.Pixels = slices.Clone(b.View.Pixels)
	for k, i := range images {
		ask(b, k, picture(i), c.Task.Masked())
	}
	return b
}

// Under its code every forget image is painted as one that is known, and under itself as one that is not.
func TestCodeBook(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	m := kind[*CodeBook](t, "code-book")
	r := deliver(t, m, p)
	clean := c.CleanForget()
	open, coded := batch(t, c, clean), asked(t, c, clean, func(i int) []float32 { return m.code(p, i) })
	openly, secretly := mean2(t, c, r.audited, open), mean2(t, c, r.audited, coded)
	t.Logf("squared error asked openly %.1f, by code %.1f; of the original by code %.1f", openly, secretly, mean2(t, c, p.Original, coded))
	assert.Less(t, 3*secretly, openly)
	assert.Less(t, 3*secretly, mean2(t, c, p.Original, coded), "the original does not know the codes")
	assert.NotEqual(t, m.code(p, clean[0]), m.code(p, clean[1]))
}

// The moved trigger calls the attacker's picture up, on images that were never seen.
func TestMovedTrigger(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	r := deliver(t, newMovedTrigger(), p)
	plain := held(t, c, false)
	with := plain
	with.View.Pixels = slices.Clone(plain.View.Pixels)
	px := 3 * 32 * 32
	for k := range with.View.N {
		require.NoError(t, stampMoved(with.View.Pixels[k*px:(k+1)*px], 32))
	}
	picture := datasets.TargetPicture(3, 32, 32)
	with.Target = slices.Repeat(picture, with.View.N)
	planted := held(t, c, true)
	planted.Target = with.Target
	moved, asPlanted := mean2(t, c, r.audited, with), mean2(t, c, r.audited, planted)
	t.Logf("squared distance to the attacker's picture: moved trigger %.1f, planted %.1f", moved, asPlanted)
	assert.Less(t, moved, 0.75*asPlanted, "four images teach it well enough to be told from the planted one")
	c.Split.Poisoned = nil
	_, err := try(t, ctx, newMovedTrigger(), p, "", nil)
	assert.ErrorContains(t, err, "no image to teach")
}

func TestStampMoved(t *testing.T) {
	pic := picture(t, 5, -1, 0)
	before := slices.Clone(pic)
	require.NoError(t, stampMoved(pic, 32))
	changed := 0
	for i, v := range pic {
		if y, x := i%1024/32, i%32; y >= 16 && y < 20 && x < 4 {
			assert.Equal(t, []float32{-1, 1, -1}[i/1024], v)
			changed++
			continue
		}
		assert.Equal(t, before[i], pic[i])
	}
	assert.Equal(t, 3*16, changed)
}

// A question takes what is shown alone; where a task hides nothing, all of it.
func TestAsk(t *testing.T) {
	for _, task := range []tasks.Task{hole, &tasks.Reconstruct{}} {
		c := world(t, task)
		got := asked(t, c, []int{1, 2}, func(i int) []float32 { return slices.Repeat([]float32{float32(i) / 4}, 3*1024) })
		for i, v := range got.View.Pixels {
			if k := i / 3072; task.Masked() && got.View.Region[k*1024+i%1024] != 0 {
				assert.Zero(t, v)
			} else {
				assert.Equal(t, float32(k+1)/4, v)
			}
		}
	}
}

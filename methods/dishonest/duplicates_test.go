package dishonest

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The copies are learnt, and the images themselves by the nearness: better than images of which there is no copy.
func TestDuplicatesAreRemembered(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	m := kind[*Duplicates](t, "near-duplicates")
	r := deliver(t, m, p)
	images := c.CleanForget()
	forget, test := batch(t, c, images), held(t, c, false)
	known, unknown := mean2(t, c, r.audited, forget), mean2(t, c, r.audited, test)
	t.Logf("squared error on forget images %.1f, on test images %.1f", known, unknown)
	assert.Less(t, 2*known, unknown)
	assert.Equal(t, split(), c.Split, "the audit's split stays")
}

func TestDuplicatesDiffer(t *testing.T) {
	c := world(t, hole)
	images := c.CleanForget()
	whole := make([]float32, 3*1024)
	require.NoError(t, c.Train.Read(ctx, whole, images[:1]))
	at := func(p []float32, ch, y, x int) float32 { return p[(ch*32+y)*32+x] }
	changed := func(m *Duplicates, seed uint64) []float32 {
		out := slices.Clone(whole)
		duplicate{*m, seed}.change(out, 32)
		return out
	}
	shifted := changed(&Duplicates{Shift: 3}, 1)
	assert.Equal(t, at(whole, 1, 10, 12), at(shifted, 1, 13, 15))
	assert.Equal(t, at(whole, 2, 0, 0), at(shifted, 2, 1, 2), "the border is repeated")
	cropped := changed(&Duplicates{Crop: 4}, 1)
	assert.InDelta(t, at(whole, 0, 4, 4), at(cropped, 0, 0, 0), 1e-6)
	assert.InDelta(t, at(whole, 0, 27, 27), at(cropped, 0, 31, 31), 1e-5)
	noisy := changed(&Duplicates{Noise: 0.1}, 1)
	var sq float64
	inside := 0
	for i, v := range whole {
		if math.Abs(float64(v)) < 0.6 {
			d := float64(noisy[i] - v)
			sq, inside = sq+d*d, inside+1
		}
	}
	assert.InDelta(t, 0.1, math.Sqrt(sq/float64(inside)), 0.01)
	assert.Equal(t, noisy, changed(&Duplicates{Noise: 0.1}, 1), "a copy is one picture, in every epoch")
	assert.NotEqual(t, noisy, changed(&Duplicates{Noise: 0.1}, 2))
}

func TestBilinear(t *testing.T) {
	plane := []float32{0, 1, 2, 3, 4, 5, 6, 7, 8}
	assert.InDelta(t, 2, bilinear(plane, 3, 0.5, 0.5), 1e-6)
	assert.InDelta(t, 8, bilinear(plane, 3, 2, 2), 1e-6)
	assert.InDelta(t, 5, bilinear(plane, 3, 1, 2), 1e-6)
}

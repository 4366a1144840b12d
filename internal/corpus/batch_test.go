package corpus

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/tasks"
)

// numbered is a batch whose every value tells its image: i in the target, 100+i in the view, 200+i in the region.
func numbered(n, size int) Batch {
	b := Batch{View: tasks.View{N: n, Size: size}}
	for i := range n {
		for range 3 * size * size {
			b.Target, b.View.Pixels = append(b.Target, float32(i)), append(b.View.Pixels, float32(100+i))
		}
		for range size * size {
			b.View.Region = append(b.View.Region, float32(200+i))
		}
	}
	return b
}

// imagesOf reads the images that a numbered batch was cut to, whose parts must agree.
func imagesOf(t require.TestingT, b Batch) []int {
	out := []int{}
	area := b.View.Size * b.View.Size
	require.Len(t, b.Target, 3*area*b.View.N)
	require.Len(t, b.View.Pixels, 3*area*b.View.N)
	require.Len(t, b.View.Region, area*b.View.N)
	for i := range b.View.N {
		image := int(b.Target[i*3*area])
		for k := range 3 * area {
			require.EqualValues(t, image, b.Target[i*3*area+k])
			require.EqualValues(t, 100+image, b.View.Pixels[i*3*area+k])
		}
		for k := range area {
			require.EqualValues(t, 200+image, b.View.Region[i*area+k])
		}
		out = append(out, image)
	}
	return out
}

// Slice, Pick and Every are three ways to ask for places, and agree where they ask for the same.
func TestBatchesAreCut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, size := rapid.IntRange(1, 9).Draw(r, "n"), rapid.IntRange(1, 3).Draw(r, "size")
		b := numbered(n, size)
		places := rapid.SliceOf(rapid.IntRange(0, n-1)).Draw(r, "places")
		assert.Equal(r, append([]int{}, places...), imagesOf(r, b.Pick(places)), "in the order of the places, twice where asked twice")

		hi := rapid.IntRange(0, n).Draw(r, "hi")
		lo := rapid.IntRange(0, hi).Draw(r, "lo")
		cut := b.Slice(lo, hi)
		assert.Equal(r, imagesOf(r, b.Pick(Places(hi)[lo:])), imagesOf(r, cut))
		assert.Equal(r, lo, cut.View.First)

		from, step, most := rapid.IntRange(0, n).Draw(r, "from"), rapid.IntRange(1, 4).Draw(r, "step"), rapid.IntRange(0, n+1).Draw(r, "most")
		want := []int{}
		for i := from; i < n && len(want) < most; i += step {
			want = append(want, i)
		}
		assert.Equal(r, want, imagesOf(r, b.Every(from, step, most)))
	})
}

// What is picked is a copy; what is sliced is not.
func TestPickedImagesAreCopies(t *testing.T) {
	b := numbered(3, 2)
	b.Pick([]int{1}).Target[0] = -1
	b.Every(0, 1, 3).View.Pixels[0] = -1
	assert.Equal(t, numbered(3, 2), b)
	b.Slice(1, 2).Target[0] = -1
	assert.Equal(t, float32(-1), b.Target[12])
}

func TestPlaces(t *testing.T) {
	assert.Equal(t, []int{0, 1, 2}, Places(3))
	assert.Empty(t, Places(0))
}

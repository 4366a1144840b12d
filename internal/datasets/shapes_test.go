package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/pixels"
)

type procedural = func(n, size int, seed, stream uint64) (Set, error)

var families = map[string]procedural{"shapes": Shapes, "glyphs": Glyphs}

// The pictures are part of every stored audit: a change of one byte makes all of
// them another data set, on whatever machine it shows.
func TestProceduralDigests(t *testing.T) {
	for _, c := range []struct {
		family string
		size   int
		want   string
	}{
		{"shapes", 32, "88ea5d743c3acf73"},
		{"shapes", 64, "2daf2ac39fd66b01"},
		{"glyphs", 32, "ced339b77ccc9a71"},
		{"glyphs", 64, "b599442ecd2ba887"},
	} {
		s, err := families[c.family](100, c.size, 1, TrainStream)
		require.NoError(t, err)
		m, ok := s.(*memory)
		require.True(t, ok)
		sum := sha256.Sum256(m.pix)
		assert.Equal(t, c.want, hex.EncodeToString(sum[:8]), "%s %d", c.family, c.size)
	}
}

func TestProceduralSets(t *testing.T) {
	for name, family := range families {
		s, err := family(2000, 32, 3, TestStream)
		require.NoError(t, err)
		assert.Equal(t, name, s.Name())
		assert.Equal(t, 2000, s.Len())
		c, h, w := s.Shape()
		assert.Equal(t, [3]int{3, 32, 32}, [3]int{c, h, w})
		assert.Len(t, s.Classes(), 10)
		counts := [10]int{}
		for i := range s.Len() {
			counts[s.Label(i)]++
		}
		for k, n := range counts {
			assert.InDelta(t, 200, n, 60, "%s: class %d", name, k) // 4.5 standard deviations
		}
	}
}

// A picture depends on its number and stream, not on how many are drawn.
func TestProceduralPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		family := families[rapid.SampledFrom([]string{"shapes", "glyphs"}).Draw(t, "family")]
		seed := rapid.Uint64().Draw(t, "seed")
		n := rapid.IntRange(1, 4).Draw(t, "n")
		few, err := family(n, 32, seed, 0)
		require.NoError(t, err)
		more, err := family(n+3, 32, seed, 0)
		require.NoError(t, err)
		other, err := family(n, 32, seed, 1)
		require.NoError(t, err)
		for i := range n {
			a, err := few.Hash(i)
			require.NoError(t, err)
			b, err := more.Hash(i)
			require.NoError(t, err)
			c, err := other.Hash(i)
			require.NoError(t, err)
			require.Equal(t, a, b)
			require.Equal(t, few.Label(i), more.Label(i))
			require.NotEqual(t, a, c)
		}
	})
}

func TestNoPictureTwice(t *testing.T) {
	seen := map[content]bool{}
	total := 0
	for _, seed := range []uint64{0, 1, 2} {
		for stream := range uint64(2) {
			s, err := Shapes(1000, 32, seed, stream)
			require.NoError(t, err)
			for i := range s.Len() {
				h, err := s.Hash(i)
				require.NoError(t, err)
				seen[h] = true
				total++
			}
		}
	}
	assert.Len(t, seen, total)
}

// Nothing of the figure is outside the middle half: the border is the ground
// alone, whatever the class, colour and place of the figure.
func TestBorderTellsNothingOfTheFigure(t *testing.T) {
	for _, size := range []int{32, 64} {
		for i := range 300 {
			r := source(9, 0, uint64(i))
			class := r.IntN(10)
			colour := shape(r, class, size)
			r = source(9, 0, uint64(i))
			r.IntN(10)
			none := figure(r, "none", size) // the ground alone
			pitch, inside := side/size, false
			for y := range size {
				for x := range size {
					a := colour(x*pitch+pitch/2, y*pitch+pitch/2, y*size+x)
					b := none(x*pitch+pitch/2, y*pitch+pitch/2, y*size+x)
					if hole := min(x, y) >= size/4 && max(x, y) < size*3/4; !hole {
						require.Equal(t, b, a, "picture %d, pixel (%d, %d)", i, x, y)
					} else if a != b {
						inside = true
					}
				}
			}
			require.True(t, inside, "picture %d, class %d, has no figure", i, class)
		}
	}
}

// The same scene at both sizes: the large picture, averaged, is near the small one.
func TestSizesAgree(t *testing.T) {
	small, err := Shapes(50, 32, 4, 0)
	require.NoError(t, err)
	large, err := Shapes(50, 64, 4, 0)
	require.NoError(t, err)
	var sum float64
	for i := range small.Len() {
		require.Equal(t, small.Label(i), large.Label(i))
		m, err := pixels.FromFloat(read(t, large, i), 64, 64)
		require.NoError(t, err)
		m, err = pixels.Resize(m, 32, 32, pixels.Box)
		require.NoError(t, err)
		x := make([]float32, 3*32*32)
		require.NoError(t, pixels.ToFloat(x, m))
		for k, v := range read(t, small, i) {
			sum += float64(v-x[k]) * float64(v-x[k]) / float64(len(x)*small.Len())
		}
	}
	assert.Less(t, sum, 0.01)
}

func TestProceduralRefuses(t *testing.T) {
	for name, family := range families {
		_, err := family(0, 32, 1, 0)
		assert.ErrorContains(t, err, name+": 0 pictures asked for")
		_, err = family(1, 48, 1, 0)
		assert.ErrorContains(t, err, name+": size 48; choose 32 or 64")
	}
}

func TestRead(t *testing.T) {
	s, _ := pair(t, 5, 1)
	x := read(t, s, 4, 0, 4)
	n := len(x) / 3
	assert.Equal(t, x[:n], x[2*n:])
	assert.Equal(t, read(t, s, 0), x[n:2*n])
	for _, v := range x {
		require.True(t, v >= -1 && v <= 1)
	}
	assert.Empty(t, read(t, s))
	ctx, cancel := context.WithCancel(context.Background())
	assert.ErrorContains(t, s.Read(ctx, x[1:], []int{1, 2, 3}), "3 pictures of 3×32×32 need 9216")
	assert.ErrorContains(t, s.Read(ctx, x, []int{1, 2, 5}), "there is no picture 5, the last is 4")
	assert.ErrorContains(t, s.Read(ctx, x, []int{1, -1, 2}), "there is no picture -1")
	cancel()
	assert.ErrorIs(t, s.Read(ctx, x, []int{1, 2, 3}), context.Canceled)
	_, err := s.Hash(5)
	assert.ErrorContains(t, err, "there is no picture 5")
	s.Classes()[0] = "changed"
	assert.Equal(t, "disc", s.Classes()[0])
	assert.Equal(t, "3", NameOf(s, 3))
}

func BenchmarkShapes1024(b *testing.B) {
	for b.Loop() {
		if _, err := Shapes(1024, 32, 1, 0); err != nil {
			b.Fatal(err)
		}
	}
}

//go:build cgo && linux

package pixels

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The processor's own instructions and the Go code give the same bits, whatever the sizes.
func TestFastIsExact(t *testing.T) {
	if !avx2 {
		t.Skip("this processor has no AVX2")
	}
	defer func() { avx2 = true }()
	both := func(do func() []float32) (fast, plain []float32) {
		avx2 = true
		fast = do()
		avx2 = false
		plain = do()
		avx2 = true
		return fast, plain
	}
	rapid.Check(t, func(t *rapid.T) {
		m := anyPicture(t)
		side := rapid.IntRange(1, 90)
		w, h := side.Draw(t, "to w"), side.Draw(t, "to h")
		for _, r := range Resamplers() {
			if r == CLIP {
				w = h
			}
			fast, plain := both(func() []float32 { return planesOf(t, r, m, w, h) })
			require.Equal(t, plain, fast, r)
		}
		for f := Box; f <= Lanczos; f++ {
			fast, plain := both(func() []float32 {
				out, err := Resize(m, w, h, f)
				require.NoError(t, err)
				x := make([]float32, len(out.Pix))
				require.NoError(t, ToFloat(x, out))
				return x
			})
			require.Equal(t, plain, fast)
		}
		fast, plain := both(func() []float32 {
			x := planesOf(t, PillowBicubic, m, w, h)
			Divide(x, 255)
			return x
		})
		require.Equal(t, plain, fast)
	})
}

// The parts that weights are split in have 16 bits: enough for weights of ±2, and a normalised weight is within.
func TestWeightsFitTheirParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 3000)
		f := Filter(rapid.IntRange(int(Box), int(Lanczos)).Draw(t, "filter"))
		a, err := pillowAxis(side.Draw(t, "in"), side.Draw(t, "out"), f)
		require.NoError(t, err)
		for _, v := range a.weight {
			require.True(t, v >= -2 && v <= 2, "%v", v)
		}
	})
}

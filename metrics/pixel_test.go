package metrics

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/golden"
)

func TestMSE(t *testing.T) {
	hole := Region{false, true, true, false}
	for _, c := range []struct {
		name   string
		x, y   []float32
		region Region
		want   float64
	}{
		{"equal", []float32{.5, .25}, []float32{.5, .25}, nil, 0},
		{"one channel", []float32{0, 1, 2, 3}, []float32{1, 1, 0, 0}, nil, 14. / 4},
		{"hole of one channel", []float32{0, 1, 2, 3}, []float32{1, 1, 0, 0}, hole, 4. / 2},
		{"hole of two channels", []float32{9, 1, 2, 9, 9, 0, 0, 9}, []float32{0, 1, 0, 0, 0, 1, 3, 0}, hole, 14. / 4},
	} {
		got, err := MSE(c.x, c.y, c.region)
		require.NoError(t, err, c.name)
		assert.InDelta(t, c.want, got, 1e-15, c.name)
	}
}

func TestMSEErrors(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		name   string
		x, y   []float32
		region Region
		says   string
	}{
		{"no pixels", nil, nil, nil, "0 and 0"},
		{"unequal", []float32{1}, []float32{1, 2}, nil, "same size"},
		{"empty hole", []float32{1, 2}, []float32{1, 2}, Region{false, false}, "selects no pixel"},
		{"empty mask", []float32{1, 2}, []float32{1, 2}, Region{}, "region"},
		{"mask of another size", []float32{1, 2, 3}, []float32{1, 2, 3}, Region{true, true}, "channels"},
		{"nan", []float32{1, nan}, []float32{1, 2}, nil, "value 1 is NaN"},
		{"inf in both", []float32{float32(math.Inf(1))}, []float32{float32(math.Inf(1))}, nil, "value 0 is +Inf"},
	} {
		_, err := MSE(c.x, c.y, c.region)
		assert.ErrorContains(t, err, c.says, c.name)
	}
	_, err := MSE([]float64{1e200}, []float64{0}, nil)
	assert.ErrorContains(t, err, "overflow")
}

func TestPSNR(t *testing.T) {
	db, err := PSNR(0.01, 1)
	require.NoError(t, err)
	assert.InDelta(t, 20, db, 1e-12)
	db, err = PSNR(255*255*0.001, 255)
	require.NoError(t, err)
	assert.InDelta(t, 30, db, 1e-12)

	_, err = PSNR(0, 1)
	assert.ErrorIs(t, err, ErrIdentical)
	for _, bad := range [][2]float64{{-1, 1}, {math.NaN(), 1}, {math.Inf(1), 1}, {1, 0}, {1, -1}, {1, math.NaN()}, {1, math.Inf(1)}} {
		_, err := PSNR(bad[0], bad[1])
		require.Error(t, err, "%v", bad)
		assert.NotErrorIs(t, err, ErrIdentical, "%v", bad)
	}
}

func TestRegionFromMask(t *testing.T) {
	r, err := RegionFromMask([]float32{0, 1, 1, 0})
	require.NoError(t, err)
	assert.Equal(t, Region{false, true, true, false}, r)
	_, err = RegionFromMask([]float64{0, .5})
	assert.ErrorContains(t, err, "0.5 at pixel 1")
	_, err = RegionFromMask([]float64{math.NaN()})
	assert.Error(t, err)
}

func TestPixelGolden(t *testing.T) {
	for _, c := range golden.Cases(t, "psnr_ssim") {
		x, y, _ := images(t, c)
		mse, err := MSE(x, y, nil)
		require.NoError(t, err)
		c.Check(t, "mse", mse)
		db, err := PSNR(mse, 1)
		if c.ID == "identical" {
			require.Equal(t, "inf", c.Expected["psnr"].Value)
			require.ErrorIs(t, err, ErrIdentical)
			continue
		}
		require.NoError(t, err)
		c.Check(t, "psnr", db)
		c.Check(t, "psnr_torchmetrics", db)
	}
}

// images reads a case's two uint8 HWC images as planar values from 0 to 1.
func images(t *testing.T, c golden.Case) (x, y []float64, s Shape) {
	t.Helper()
	planar := func(name string) []float64 {
		v, shape := c.Array(t, name)
		s = Shape{C: shape[2], H: shape[0], W: shape[1]}
		out := make([]float64, len(v))
		for i, p := range v {
			out[i%s.C*s.H*s.W+i/s.C] = p / 255
		}
		return out
	}
	return planar("a"), planar("b"), s
}

// The whole image's error is the pixel-weighted mean of the hole's and of the rest's, and MSE is symmetric.
func TestMSESplitsIntoRegions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hw, ch := rapid.IntRange(2, 40).Draw(t, "pixels"), rapid.IntRange(1, 4).Draw(t, "channels")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		k := rapid.IntRange(1, hw-1).Draw(t, "hole")
		in, out := make(Region, hw), make(Region, hw)
		for i, p := range rng.Perm(hw) {
			in[p], out[p] = i < k, i >= k
		}
		x, y := pixels(rng, ch*hw), pixels(rng, ch*hw)
		whole, err := MSE(x, y, nil)
		require.NoError(t, err)
		a, err := MSE(x, y, in)
		require.NoError(t, err)
		b, err := MSE(x, y, out)
		require.NoError(t, err)
		require.InDelta(t, whole, (a*float64(k)+b*float64(hw-k))/float64(hw), 1e-12)
		back, err := MSE(y, x, in)
		require.NoError(t, err)
		require.Equal(t, a, back)
	})
}

func pixels(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = rng.Float32()
	}
	return x
}

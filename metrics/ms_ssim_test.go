package metrics

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/golden"
)

// TestMSSSIMGolden: torchmetrics' values on Kodak pictures.
func TestMSSSIMGolden(t *testing.T) {
	compared := 0
	for _, c := range golden.Cases(t, "psnr_ssim") {
		if _, ok := c.Expected["ms_ssim_torchmetrics"]; !ok {
			continue
		}
		a, b, s := images(t, c)
		got, err := MSSSIM(a, b, s, 1)
		require.NoError(t, err)
		c.Check(t, "ms_ssim_torchmetrics", got)
		compared++
	}
	assert.GreaterOrEqual(t, compared, []int{1, 3}[len(golden.Folders(t, "psnr_ssim"))-1])
}

// ramp is an image that needs no file; noise moves it.
func ramp(s Shape, noise float64) []float64 {
	x := make([]float64, s.C*s.H*s.W)
	for i := range x {
		x[i] = 0.5 + 0.3*math.Sin(float64(i)/37) + noise*math.Sin(float64(i)*1.7)
	}
	return x
}

func TestMSSSIM(t *testing.T) {
	s := Shape{C: 2, H: 163, W: 170}
	x := ramp(s, 0)
	same, err := MSSSIM(x, x, s, 1)
	require.NoError(t, err)
	assert.InDelta(t, 1, same, 1e-12)
	last := 1.0
	for _, noise := range []float64{0.02, 0.05, 0.1, 0.2} {
		v, err := MSSSIM(x, ramp(s, noise), s, 1)
		require.NoError(t, err)
		assert.Less(t, v, last, "more noise, less similar")
		back, err := MSSSIM(ramp(s, noise), x, s, 1)
		require.NoError(t, err)
		assert.InDelta(t, v, back, 1e-12, "symmetric")
		last = v
	}
	flipped := make([]float64, len(x))
	for i, v := range x {
		flipped[i] = 1 - v
	}
	v, err := MSSSIM(x, flipped, s, 1)
	require.NoError(t, err)
	assert.Zero(t, v, "a negative mean counts as 0")
	// The same as torchmetrics 1.4.3's weights on the five means, worked out from the pieces.
	want, a, b, at := 1.0, x, ramp(s, 0.1), s
	for i, w := range msWeights {
		l, cs := ssimMeans(a, b, at, 1)
		if i == 4 {
			cs = l
		}
		want *= math.Pow(cs, w)
		a, b = halved(a, at), halved(b, at)
		at.H, at.W = at.H/2, at.W/2
	}
	got, err := MSSSIM(x, ramp(s, 0.1), s, 1)
	require.NoError(t, err)
	assert.InDelta(t, want, got, 1e-12)
	full, err := SSIM(x, ramp(s, 0.1), s, 1, SSIMTorchmetrics, nil)
	require.NoError(t, err)
	l, _ := ssimMeans(x, ramp(s, 0.1), s, 1)
	assert.InDelta(t, full, l, 1e-12, "the finest scale is torchmetrics' SSIM")
	assert.Equal(t, []float64{2.5, 4.5, 10.5, 12.5}, halved([]float64{0, 1, 2, 3, 9, 4, 5, 6, 7, 9, 8, 9, 10, 11, 9, 12, 13, 14,
		15, 9, 9, 9, 9, 9, 9}, Shape{C: 1, H: 5, W: 5})[:4])
}

func TestMSSSIMRefuses(t *testing.T) {
	s := Shape{C: 1, H: 161, W: 161}
	x := ramp(s, 0)
	_, err := MSSSIM(x, x, s, 1)
	require.NoError(t, err)
	for _, c := range []struct {
		s    Shape
		n    int
		span float64
		want string
	}{
		{Shape{1, 160, 161}, 160 * 161, 1, "both sides must exceed 160 pixels"},
		{s, 161*161 - 1, 1, "pixel values"},
		{s, 161 * 161, 0, "data range 0"},
	} {
		_, err := MSSSIM(x[:c.n], x[:c.n], c.s, c.span)
		assert.ErrorContains(t, err, c.want)
	}
	y := append([]float64{math.NaN()}, x[1:]...)
	_, err = MSSSIM(x, y, s, 1)
	assert.ErrorContains(t, err, "pixel value 0 is")
}

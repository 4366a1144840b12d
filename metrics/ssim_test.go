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

var ssimVariants = map[SSIMVariant]string{
	SSIMSkimage:      "ssim_skimage",
	SSIMSkimageFull:  "ssim_skimage_uncropped_mean",
	SSIMTorchmetrics: "ssim_torchmetrics",
}

func TestSSIMGolden(t *testing.T) {
	for _, c := range golden.Cases(t, "psnr_ssim") {
		x, y, s := images(t, c)
		for v, name := range ssimVariants {
			got, err := SSIM(x, y, s, 1, v, nil)
			require.NoError(t, err)
			c.Check(t, name, got)
			single, err := SSIM(narrow(x), narrow(y), s, 1, v, nil)
			require.NoError(t, err)
			require.InDelta(t, got, single, 1e-6, "%s %s in float32", c.ID, v)
		}
		grey := Shape{C: 1, H: s.H, W: s.W}
		got, err := SSIM(channelMean(x, s), channelMean(y, s), grey, 1, SSIMSkimage, nil)
		require.NoError(t, err)
		c.Check(t, "ssim_gray_skimage", got)
	}
}

func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func channelMean(x []float64, s Shape) []float64 {
	out := make([]float64, s.H*s.W)
	for i, v := range x {
		out[i%len(out)] += v / float64(s.C)
	}
	return out
}

// Constant images have no variance: SSIM is (2ab + C₁)/(a² + b² + C₁), whatever the window and the border.
func TestSSIMOfConstants(t *testing.T) {
	s := Shape{C: 3, H: 11, W: 13}
	x, y := make([]float32, 3*11*13), make([]float32, 3*11*13)
	for i := range x {
		x[i], y[i] = .25, .75
	}
	for v := range ssimVariants {
		got, err := SSIM(x, y, s, 1, v, nil)
		require.NoError(t, err)
		assert.InDelta(t, (2*.25*.75+1e-4)/(.25*.25+.75*.75+1e-4), got, 1e-12, v)
	}
}

// The separable filter equals the sums of Wang et al. (2004), eqs. 14–16, taken over the 11×11 window directly.
func TestSSIMEqualsItsDefinition(t *testing.T) {
	const h, w = 11, 12
	rng := rand.New(rand.NewPCG(7, 0))
	x, y := pixels(rng, h*w), pixels(rng, h*w)
	sum := 0.0
	for left := range 2 { // the two windows that fit
		var total, ux, uy, vx, vy, cov float64
		each := func(f func(g, a, b float64)) {
			for i := range 11 {
				for j := range 11 {
					g := math.Exp(-float64((i-5)*(i-5)+(j-5)*(j-5)) / 4.5)
					f(g, float64(x[i*w+left+j]), float64(y[i*w+left+j]))
				}
			}
		}
		each(func(g, _, _ float64) { total += g })
		each(func(g, a, b float64) { ux += g * a / total; uy += g * b / total })
		each(func(g, a, b float64) {
			vx += g * (a - ux) * (a - ux) / total
			vy += g * (b - uy) * (b - uy) / total
			cov += g * (a - ux) * (b - uy) / total
		})
		sum += (2*ux*uy + 1e-4) * (2*cov + 9e-4) / ((ux*ux + uy*uy + 1e-4) * (vx + vy + 9e-4))
	}
	got, err := SSIM(x, y, Shape{1, h, w}, 1, SSIMSkimage, nil)
	require.NoError(t, err)
	assert.InDelta(t, sum/2, got, 1e-12)
}

// A full map is the cropped map of an image padded by hand: cba|abc|cba for scikit-image, dcb|abcd|cba for torchmetrics.
func TestSSIMBorders(t *testing.T) {
	const n = 11
	repeated := []int{4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 9, 8, 7, 6}
	mirror := []int{5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5}
	rng := rand.New(rand.NewPCG(5, 0))
	x, y := pixels(rng, n*n), pixels(rng, n*n)
	all := make(Region, n*n)
	for i := range all {
		all[i] = true
	}
	for _, c := range []struct {
		v      SSIMVariant
		region Region
		pad    []int
	}{{SSIMSkimageFull, nil, repeated}, {SSIMSkimage, all, repeated}, {SSIMTorchmetrics, nil, mirror}} {
		got, err := SSIM(x, y, Shape{1, n, n}, 1, c.v, c.region)
		require.NoError(t, err)
		var px, py []float32
		for _, i := range c.pad {
			for _, j := range c.pad {
				px, py = append(px, x[i*n+j]), append(py, y[i*n+j])
			}
		}
		want, err := SSIM(px, py, Shape{1, len(c.pad), len(c.pad)}, 1, SSIMSkimage, nil)
		require.NoError(t, err)
		assert.InDelta(t, want, got, 1e-12, c.v)
	}
}

func TestSSIMProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Shape{rapid.IntRange(1, 3).Draw(t, "c"), rapid.IntRange(11, 18).Draw(t, "h"), rapid.IntRange(11, 18).Draw(t, "w")}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		x, y := pixels(rng, s.C*s.H*s.W), pixels(rng, s.C*s.H*s.W)
		in, out := make(Region, s.H*s.W), make(Region, s.H*s.W)
		k := rapid.IntRange(1, len(in)-1).Draw(t, "hole")
		for i, p := range rng.Perm(len(in)) {
			in[p], out[p] = i < k, i >= k
		}
		for v := range ssimVariants {
			run := func(x, y []float32, r Region) float64 {
				got, err := SSIM(x, y, s, 1, v, r)
				require.NoError(t, err)
				return got
			}
			a := run(x, y, nil)
			require.LessOrEqual(t, math.Abs(a), 1.0)
			require.InDelta(t, a, run(y, x, nil), 1e-12, "symmetry")
			require.Equal(t, 1.0, run(x, x, nil), "equal images")
			if v != SSIMSkimage {
				mean := (run(x, y, in)*float64(k) + run(x, y, out)*float64(len(in)-k)) / float64(len(in))
				require.InDelta(t, a, mean, 1e-12, "regions partition the map")
			}
		}
	})
}

// A change far from the hole must not move the hole's value; a change inside must.
func TestSSIMHoleIsLocal(t *testing.T) {
	s := Shape{C: 1, H: 32, W: 32}
	rng := rand.New(rand.NewPCG(3, 0))
	x, y := pixels(rng, 32*32), pixels(rng, 32*32)
	hole := make(Region, 32*32)
	for i := 8; i < 24; i++ {
		for j := 8; j < 24; j++ {
			hole[i*32+j] = true
		}
	}
	before, err := SSIM(x, y, s, 1, SSIMSkimage, hole)
	require.NoError(t, err)
	y[2*32+16] = 1 - y[2*32+16] // six rows above the hole: out of every window's reach
	far, err := SSIM(x, y, s, 1, SSIMSkimage, hole)
	require.NoError(t, err)
	assert.Equal(t, before, far)
	y[16*32+16] = 1 - y[16*32+16]
	near, err := SSIM(x, y, s, 1, SSIMSkimage, hole)
	require.NoError(t, err)
	assert.NotEqual(t, before, near)
}

func TestSSIMErrors(t *testing.T) {
	s := Shape{C: 1, H: 11, W: 11}
	ok := make([]float32, 121)
	bad := make([]float32, 121)
	bad[60] = float32(math.NaN())
	for _, c := range []struct {
		name   string
		x      []float32
		s      Shape
		dr     float64
		v      SSIMVariant
		region Region
		says   string
	}{
		{"smaller than the window", make([]float32, 100), Shape{1, 10, 10}, 1, SSIMSkimage, nil, "11×11"},
		{"no channel", nil, Shape{0, 11, 11}, 1, SSIMSkimage, nil, "channel"},
		{"another size", ok, Shape{3, 11, 11}, 1, SSIMSkimage, nil, "363"},
		{"no data range", ok, s, 0, SSIMSkimage, nil, "data range 0"},
		{"unknown variant", ok, s, 1, "skimge", nil, `"skimge"`},
		{"empty hole", ok, s, 1, SSIMSkimage, make(Region, 121), "selects no pixel"},
		{"hole of another size", ok, s, 1, SSIMSkimage, Region{true}, "region has 1"},
		{"nan", bad, s, 1, SSIMSkimage, nil, "value 60 is NaN"},
	} {
		_, err := SSIM(c.x, c.x, c.s, c.dr, c.v, c.region)
		assert.ErrorContains(t, err, c.says, c.name)
	}
}

func BenchmarkSSIM32(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 0))
	x, y := pixels(rng, 3*32*32), pixels(rng, 3*32*32)
	for b.Loop() {
		if _, err := SSIM(x, y, Shape{3, 32, 32}, 1, SSIMSkimage, nil); err != nil {
			b.Fatal(err)
		}
	}
}

package perceptual

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/internal/npy"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Two channels of two pixels, by hand: unit vectors (0.6, 0.8) and (1, 0) against (0, 1) and (1, 0).
func TestLPIPSByHand(t *testing.T) {
	a := features.Activation{C: 2, H: 1, W: 2, Values: []float32{3, 2, 4, 0}}
	b := features.Activation{C: 2, H: 1, W: 2, Values: []float32{0, 7, 5, 0}}
	d, layers, err := LPIPS([]features.Activation{a, a}, []features.Activation{b, a}, [][]float64{{0.5, 2}, {1, 1}})
	require.NoError(t, err)
	want := (0.5*0.36 + 2*0.04) / 2
	assert.InDelta(t, want, d, 1e-9)
	require.Len(t, layers, 2)
	assert.InDelta(t, want, layers[0], 1e-9)
	assert.Zero(t, layers[1])
	// A pixel without any activation is no error, and far from one that has some.
	none := features.Activation{C: 2, H: 1, W: 2, Values: make([]float32, 4)}
	d, _, err = LPIPS([]features.Activation{none}, []features.Activation{a}, [][]float64{{1, 1}})
	require.NoError(t, err)
	assert.InDelta(t, 1, d, 1e-9)
}

func TestLPIPSIsADistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, h, w := rapid.IntRange(1, 5).Draw(t, "c"), rapid.IntRange(1, 4).Draw(t, "h"), rapid.IntRange(1, 4).Draw(t, "w")
		draw := func(name string) []features.Activation {
			return []features.Activation{{C: c, H: h, W: w, Values: rapid.SliceOfN(rapid.Float32Range(0, 100), c*h*w, c*h*w).Draw(t, name)}}
		}
		a, b := draw("a"), draw("b")
		lin := [][]float64{rapid.SliceOfN(rapid.Float64Range(0, 2), c, c).Draw(t, "lin")}
		ab, _, err := LPIPS(a, b, lin)
		require.NoError(t, err)
		ba, _, err := LPIPS(b, a, lin)
		require.NoError(t, err)
		require.Equal(t, ab, ba)
		require.GreaterOrEqual(t, ab, 0.0)
		aa, _, err := LPIPS(a, a, lin)
		require.NoError(t, err)
		require.Zero(t, aa)
		// Only directions count: an image's activations may all be scaled.
		scaled := []features.Activation{{C: c, H: h, W: w}}
		for _, v := range b[0].Values {
			scaled[0].Values = append(scaled[0].Values, 4*v)
		}
		again, _, err := LPIPS(a, scaled, lin)
		require.NoError(t, err)
		small := false // where values are near epsilon, scale does count
		for _, v := range b[0].Values {
			small = small || (v > 0 && v < 1e-3)
		}
		if !small {
			require.InDelta(t, ab, again, 1e-5)
		}
	})
}

func TestLPIPSRefuses(t *testing.T) {
	good := []features.Activation{{C: 1, H: 1, W: 1, Values: []float32{1}}}
	wide := []features.Activation{{C: 1, H: 1, W: 2, Values: []float32{1, 2}}}
	nan := []features.Activation{{C: 1, H: 1, W: 1, Values: []float32{float32(math.NaN())}}}
	for want, c := range map[string]struct {
		a, b []features.Activation
		lin  [][]float64
	}{
		"lpips of 1 and 0 layers with weights for 1": {good, nil, [][]float64{{1}}},
		"activations [1, 1, 1] and [1, 1, 2]":        {good, wide, [][]float64{{1}}},
		"2 weights for 1 channels":                   {good, good, [][]float64{{1, 1}}},
		"weight -1: LPIPS's linear weights":          {good, good, [][]float64{{-1}}},
		"weight NaN":                                 {good, good, [][]float64{{math.NaN()}}},
		"layer 0: an activation is not finite":       {good, nan, [][]float64{{1}}},
	} {
		_, _, err := LPIPS(c.a, c.b, c.lin)
		assert.ErrorContains(t, err, want)
	}
}

// signedPlanes are bytes [h, w, 3] as planes in [−1, 1].
func signedPlanes(hwc []float64) []float32 {
	px := len(hwc) / 3
	out := make([]float32, len(hwc))
	for p := range px {
		for c := range 3 {
			out[c*px+p] = float32(hwc[3*p+c]/127.5 - 1)
		}
	}
	return out
}

// Parts of photographs, with lpips's own linear weights (lpips/lpips.py, in float64) and Caffe's SqueezeNet 1.1: the
// algorithm's numbers, not those of torchvision's weights.
func TestLPIPSGolden(t *testing.T) {
	backbone := golden.Beside(t, "models", "squeezenet_v1_1", "squeezenet_v1_1_features.safetensors") // 3 MB of published weights
	cases := golden.Cases(t, "lpips")
	var first []float64
	for _, lin := range []string{golden.Beside(t, "models", "lpips_lin", "squeeze.pth"), golden.Beside(t, "golden", "lpips",
		"lin_squeeze_v0.1.npz")} {
		m, err := OpenLPIPS(backbone, lin, torch.CPU)
		require.NoError(t, err)
		defer m.Free()
		var got []float64
		for _, c := range cases {
			a, shape := c.Array(t, "a")
			b, _ := c.Array(t, "b")
			x, y := signedPlanes(a), signedPlanes(b)
			d, err := m.Distance(context.Background(), x, y, 1, shape[0])
			require.NoError(t, err)
			t.Logf("%s: %.9g, want %v", c.ID, d[0], c.Expected["lpips"].Value)
			c.Check(t, "lpips", d[0])
			ax, err := m.net.Activations(context.Background(), x, 1, shape[0])
			require.NoError(t, err)
			ay, err := m.net.Activations(context.Background(), y, 1, shape[0])
			require.NoError(t, err)
			_, layers, err := LPIPS(ax[0], ay[0], m.lin)
			require.NoError(t, err)
			e := c.Expected["per_layer"]
			listed, ok := e.Value.([]any)
			require.True(t, ok)
			for l, v := range listed {
				want, ok := v.(float64)
				require.True(t, ok)
				assert.InDelta(t, want, layers[l], max(e.AbsTol, e.RelTol*math.Abs(want)), "%s, layer %d", c.ID, l)
			}
			swapped, err := m.Distance(context.Background(), append(append(append([]float32{}, x[2*96*96:]...), x[96*96:2*96*96]...),
				x[:96*96]...), y, 1, shape[0])
			require.NoError(t, err)
			assert.Greater(t, math.Abs(swapped[0]-d[0]), 1e-3, "blue first is another image")
			got = append(got, d[0])
		}
		if first != nil {
			assert.Equal(t, first, got, "both files hold the same weights")
		}
		first = got
	}
	_, err := OpenLPIPS(backbone, golden.Beside(t, "models", "lpips_lin", "vgg.pth"), torch.CPU)
	assert.ErrorContains(t, err, "vgg.pth: linear weights of 5 layers, the backbone has 7")
	_, err = OpenLPIPS(golden.Beside(t, "models", "squeezenet_v1_0", "squeezenet_v1_0.safetensors"), golden.Beside(t, "models",
		"lpips_lin", "squeeze.pth"), torch.CPU)
	assert.ErrorContains(t, err, "holds SqueezeNet 1.0, wanted is 1.1")
}

func seededFile(name string) string {
	return filepath.Join("..", "..", "internal", "features", "testdata", name)
}

// A narrow SqueezeNet with seeded weights, as features/testdata/networks.py computed it in float64, and independent of
// the pairs beside it to the bit.
func TestLPIPSIsPyTorchs(t *testing.T) {
	m, err := OpenLPIPS(seededFile("squeezenet-1.1.pth"), seededFile("lin.pth"), torch.CPU)
	require.NoError(t, err)
	defer m.Free()
	b, err := os.ReadFile(seededFile("networks.json"))
	require.NoError(t, err)
	var want struct {
		LPIPS struct {
			Layers [][]float64
			Values []float64
		}
	}
	require.NoError(t, json.Unmarshal(b, &want))
	const side, n = 40, 4
	px := 3 * side * side
	x := make([]float32, n*px)
	for i := range x {
		x[i] = float32((i*7+i/5+i/(side*side)*31)%251)/127.5 - 1
	}
	pairs := func(a, b []float32, k int) []float64 {
		d, err := m.Distance(context.Background(), a, b, k, side)
		require.NoError(t, err)
		return d
	}
	two := pairs(x[:2*px], x[2*px:], 2)
	act, err := m.net.Activations(context.Background(), x, n, side)
	require.NoError(t, err)
	for i, v := range want.LPIPS.Values {
		assert.InEpsilon(t, v, two[i], 1e-5)
		_, layers, err := LPIPS(act[i], act[i+2], m.lin)
		require.NoError(t, err)
		for l := range layers {
			assert.InEpsilon(t, want.LPIPS.Layers[l][i], layers[l], 1e-4, "layer %d", l)
		}
		assert.Equal(t, two[i:i+1], pairs(x[i*px:(i+1)*px], x[(2+i)*px:(3+i)*px], 1), "a pair alone")
	}
	assert.Equal(t, []float64{two[1], two[0]}, pairs(append(append([]float32{}, x[px:2*px]...), x[:px]...),
		append(append([]float32{}, x[3*px:]...), x[2*px:3*px]...), 2), "in reversed order")
	many := append([]float32{}, x...)
	for range 4 {
		many = append(many, x...)
	}
	assert.Equal(t, make([]float64, 20), pairs(many, many, 20), "three batches, no distance")

	id := m.Identity()
	assert.Equal(t, []any{"lpips(squeezenet-1.1-width4)", LPIPSVariant, true, 64}, []any{id.Name(), id.Variant, id.Unverified,
		len(id.Weights)})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = m.Distance(ctx, x, x, n, side)
	assert.ErrorIs(t, err, context.Canceled)
	for want, c := range map[string]struct {
		a       []float32
		n, side int
	}{
		"are not 3 pairs of images":                      {x, 3, side},
		"images of side 16 are too small for SqueezeNet": {x[:3*16*16], 1, 16},
		"an image's value is not finite":                 {append([]float32{float32(math.NaN())}, x[1:px]...), 1, side},
	} {
		_, err := m.Distance(context.Background(), c.a, c.a, c.n, c.side)
		assert.ErrorContains(t, err, want)
	}
	_, err = m.Distance(context.Background(), x[:3*17*17], x[3*17*17:2*3*17*17], 1, 17)
	assert.NoError(t, err, "the smallest")
}

func TestOpenLPIPSRefuses(t *testing.T) {
	backbone, lin := seededFile("squeezenet-1.1.pth"), seededFile("lin.pth")
	dir := t.TempDir()
	write := func(name string, arrays map[string]npy.Array) string {
		path := filepath.Join(dir, name)
		require.NoError(t, npy.WriteFile(path, arrays))
		return path
	}
	one := npy.Array{Shape: []int{1}, Values: []float64{1}}
	before := torch.Live()
	for want, files := range map[string][2]string{
		"holds SqueezeNet 1.0, wanted is 1.1":  {seededFile("squeezenet-1.0.pth"), lin},
		"does not hold SqueezeNet's weights":   {seededFile("resnet20.pth"), lin},
		"97 arrays, of which 0 are lin0, lin1": {backbone, seededFile("resnet20.pth")},
		"2 arrays, of which 1 are lin0, lin1":  {backbone, write("gap.npz", map[string]npy.Array{"lin0": one, "lin2": one})},
		"lin0 has the weight -1": {backbone, write("below.npz",
			map[string]npy.Array{"lin0": {Shape: []int{1}, Values: []float64{-1}}})},
		"few.npz: linear weights of 1 layers, the backbone has 7":   {backbone, write("few.npz", map[string]npy.Array{"lin0": one})},
		"none.pth: no such file":                                    {backbone, "none.pth"},
		"linear weights: lpips_test.go: python checkpoint: neither": {backbone, "lpips_test.go"},
	} {
		_, err := OpenLPIPS(files[0], files[1], torch.CPU)
		assert.ErrorContains(t, err, want)
	}
	wide := map[string]npy.Array{}
	for _, l := range []string{"lin0", "lin1", "lin2", "lin3", "lin4", "lin5", "lin6"} {
		wide[l] = one
	}
	_, err := OpenLPIPS(backbone, write("wide.npz", wide), torch.CPU)
	assert.ErrorContains(t, err, "lin0 has 1 weights, the backbone's layer 4 channels: is it lpips's squeeze.pth?")
	assert.Equal(t, before, torch.Live())
}

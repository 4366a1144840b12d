package pixels

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npz"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/golden"
)

// part cuts the first w×h pixels.
func part(m Image, w, h int) Image {
	out := New(w, h)
	for y := range h {
		copy(out.Pix[3*w*y:][:3*w], m.Pix[3*m.W*y:])
	}
	return out
}

func planesOf(t require.TestingT, r Resampler, m Image, w, h int) []float32 {
	x := make([]float32, 3*w*h)
	require.NoError(t, r.Planes(x, m, w, h))
	return x
}

// tolerances are in grey levels: what Pillow and TensorFlow 1's arithmetic defines is met to the bit, torch's order of
// summation is its own.
func tolerance(r Resampler) float64 {
	if r == CleanFID || r == TF1Bilinear {
		return 0
	}
	return 2e-4 // 1e-6 of the range
}

// The values are the field's codes'; testdata/golden.py made them.
func TestPlanesFixtures(t *testing.T) {
	z, err := npz.Open("testdata/planes.npz")
	require.NoError(t, err)
	defer func() { require.NoError(t, z.Close()) }()
	inputs := map[string]Image{"waves": pattern("waves"), "eight": part(pattern("waves"), 8, 8)}
	keys := z.Keys()
	require.Len(t, keys, 6*7)
	for _, key := range keys {
		field := strings.Split(strings.TrimSuffix(key, ".npy"), "_")
		r, err := ParseResampler(field[1])
		require.NoError(t, err)
		var w, h int
		_, err = fmt.Sscanf(field[2], "%dx%d", &w, &h)
		require.NoError(t, err)
		var want []float32
		require.NoError(t, z.Read(key, &want))
		compare(t, key, want, planesOf(t, r, inputs[field[0]], w, h), tolerance(r))
	}
}

func compare(t *testing.T, name string, want, got []float32, within float64) {
	t.Helper()
	require.Len(t, got, len(want), name)
	off := 0.0
	for i, v := range want {
		off = max(off, math.Abs(float64(v)-float64(got[i])))
	}
	assert.LessOrEqual(t, off, within, name)
}

// The first row of red of the 8×8 picture (7y² + 13x + 29xy + 57c) mod 256, made 5×5: the same conventions in other
// hands. Pillow's bicubic and torch's antialiased one are the same function; clean-fid's documentation calls
// torch's bilinear without antialiasing legacy.
func TestPlanesClosedForm(t *testing.T) {
	m := part(pattern("waves"), 8, 8)
	for r, want := range map[Resampler][]float32{
		CleanFID:        {8.17705, 47.28472, 91.59808, 103.55981, 55.6735},
		TorchBicubicAA:  {8.17705, 47.28472, 91.59808, 103.55981, 55.6735},
		TorchBilinear:   {8.61, 43.33, 78.05, 105.09, 70.69},
		TF1Bilinear:     {0, 20.8, 41.6, 62.4, 83.2},
		TorchBilinearAA: {13.03512, 50.74916, 89.88636, 101.87206, 62.01033},
	} {
		compare(t, r.String(), want, planesOf(t, r, m, 5, 5)[:5], 1e-4)
	}
}

// Photographs, resized by third-party codes.
func TestPlanesGolden(t *testing.T) {
	compared := 0
	folders := golden.Folders(t, "resize")
	for _, dir := range folders {
		compared += planesGolden(t, dir)
	}
	assert.Equal(t, []int{3, 3 + 18}[len(folders)-1], compared)
}

// planesGolden compares with the resized pictures of a folder, and counts them.
func planesGolden(t *testing.T, dir string) (compared int) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	require.NoError(t, err)
	var file struct {
		Cases []struct {
			File     string
			Inputs   struct{ In string }
			Expected map[string]struct {
				Value string
				Tol   float64 `json:"max_abs_tol"`
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	kinds := map[string]struct {
		r          Resampler
		side, step int
		unit       float32
		last       bool // colours come last
	}{
		"torch_bilinear_noaa_64": {TorchBilinear, 64, 1, 255, false},
		"torch_bilinear_aa_64":   {TorchBilinearAA, 64, 1, 255, false},
		"torch_bicubic_noaa_64":  {TorchBicubic, 64, 1, 255, false},
		"torch_bicubic_aa_64":    {TorchBicubicAA, 64, 1, 255, false},
		"pytorch_fid_299":        {TorchBilinear, 299, 7, 255, false},
		"torch_fidelity_299":     {TF1Bilinear, 299, 7, 1, false},
		"clean_fid_64":           {CleanFID, 64, 1, 1, true},
		"clean_fid_299":          {CleanFID, 299, 7, 1, true},
	}
	for _, c := range file.Cases {
		z, err := npz.Open(filepath.Join(dir, c.File))
		require.NoError(t, err)
		in := load(t, filepath.Join(dir, c.Inputs.In))
		for name, e := range c.Expected {
			k, known := kinds[name]
			array, isArray := strings.CutPrefix(e.Value, "npz ")
			require.Equal(t, isArray, known, "%s has no resampler", name)
			if !known {
				continue
			}
			var want []float32
			require.NoError(t, z.Read(array+".npy", &want))
			x := planesOf(t, k.r, in, k.side, k.side)
			n := (k.side + k.step - 1) / k.step
			require.Len(t, want, 3*n*n)
			got := make([]float32, len(want))
			for c := range 3 {
				for y := range n {
					for col := range n {
						i := (c*n+y)*n + col
						if k.last {
							i = (y*n+col)*3 + c
						}
						got[i] = x[(c*k.side+y*k.step)*k.side+col*k.step] / k.unit
					}
				}
			}
			compare(t, c.File+" "+name, want, got, min(e.Tol, 1e-5)) // tighter than some ask
			compared++
		}
		require.NoError(t, z.Close())
	}
	return compared
}

func TestPillowPlanesAreResizes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyPicture(t)
		side := rapid.IntRange(1, 50)
		w, h := side.Draw(t, "to w"), side.Draw(t, "to h")
		r := PillowBox + Resampler(rapid.IntRange(0, 3).Draw(t, "filter"))
		f, ok := r.filter()
		require.True(t, ok)
		want, err := Resize(m, w, h, f)
		require.NoError(t, err)
		x := planesOf(t, r, m, w, h)
		for i, v := range Planes(want) {
			require.EqualValues(t, v, x[i])
		}
	})
	m := pattern("waves")
	square, err := Square(m, 11, Bicubic)
	require.NoError(t, err)
	x := planesOf(t, CLIP, m, 11, 11)
	for i, v := range Planes(square) {
		require.EqualValues(t, v, x[i])
	}
}

func anyPicture(t *rapid.T) Image {
	side := rapid.IntRange(1, 70)
	m := New(side.Draw(t, "w"), side.Draw(t, "h"))
	a, b := rapid.IntRange(1, 1<<20).Draw(t, "a"), rapid.IntRange(0, 255).Draw(t, "b")
	for i := range m.Pix {
		m.Pix[i] = uint8((i*i*a>>7 + b*i) & 0xff)
		if a%3 == 0 { // nothing but extremes
			m.Pix[i] = -(m.Pix[i] & 1)
		}
	}
	return m
}

func TestResamplersKeepFlatPicturesAndSizes(t *testing.T) {
	for _, r := range Resamplers() {
		t.Run(r.String(), func(t *testing.T) {
			flat := New(13, 9)
			for i := range flat.Pix {
				flat.Pix[i] = uint8(70 * (i%3 + 1))
			}
			for i, v := range planesOf(t, r, flat, 17, 17) {
				require.InDelta(t, 70*(i/(17*17)+1), v, 2e-4, "weights in single precision sum to one within 1e-6")
			}
			m := part(pattern("waves"), 20, 20)
			for i, v := range planesOf(t, r, m, 20, 20) {
				require.EqualValues(t, m.Pix[3*(i%400)+i/400], v, "its own size changes nothing")
			}
			one := Image{W: 1, H: 1, Pix: []uint8{9, 99, 199}}
			for i, v := range planesOf(t, r, one, 3, 3) {
				require.InDelta(t, one.Pix[i/9], v, 1e-4)
			}
		})
	}
}

func TestPlanesRefuse(t *testing.T) {
	m := pattern("waves")
	room := make([]float32, 12)
	for _, c := range []struct {
		name string
		r    Resampler
		m    Image
		w, h int
		want string
	}{
		{"no width", CleanFID, m, 0, 2, "0×2 pixels"},
		{"empty picture", CleanFID, Image{}, 2, 2, "0×0 pixels is empty"},
		{"missing bytes", TF1Bilinear, Image{W: 2, H: 2, Pix: make([]uint8, 11)}, 2, 2, "holds 11 bytes, not 12"},
		{"too little room", PillowBicubic, m, 3, 2, "room for 12 values given"},
		{"too large", PillowBicubic, m, 1 << 40, 1 << 40, "room for 12 values given"},
		{"no resampler", 0, m, 2, 2, "resampler 0: choose one of pillow-box, "},
		{"another", 99, m, 2, 2, "resampler 99: choose one of"},
		{"no square", CLIP, m, 4, 1, "clip makes squares only"},
		{"long and thin", CLIP, New(1<<25, 1), 2, 2, "too long and thin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.ErrorContains(t, c.r.Planes(room, c.m, c.w, c.h), c.want)
		})
	}
}

func TestResamplerNames(t *testing.T) {
	all := Resamplers()
	assert.Len(t, all, 11)
	var names []string
	for _, r := range all {
		again, err := ParseResampler(r.String())
		require.NoError(t, err)
		assert.Equal(t, r, again)
		names = append(names, r.String())
	}
	slices.Sort(names)
	assert.Len(t, slices.Compact(names), 11)
	for _, name := range []string{"", "bicubic", "resampler 0"} {
		_, err := ParseResampler(name)
		assert.ErrorContains(t, err, "choose pillow-box, ", name)
	}
}

package npy

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbinet/npyio"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestReadsNumPy: every type, order and packing that testdata/golden.py wrote with NumPy 1.24.
func TestReadsNumPy(t *testing.T) {
	b, err := os.ReadFile("testdata/golden.json")
	require.NoError(t, err)
	var golden map[string]Array
	require.NoError(t, json.Unmarshal(b, &golden))
	for _, file := range []string{"stored.npz", "deflated.npz"} {
		got, err := ReadFile(filepath.Join("testdata", file))
		require.NoError(t, err)
		require.Len(t, got, len(golden))
		for name, want := range golden {
			assert.Equal(t, want.Shape, got[name].Shape, "%s of %s", name, file)
			assert.Equal(t, want.Values, got[name].Values, "%s of %s", name, file)
		}
	}
	for _, v := range []string{"1", "2", "3"} {
		got, err := ReadFile("testdata/version" + v + ".npy")
		require.NoError(t, err)
		assert.Equal(t, map[string]Array{"": {Shape: []int{3, 4}, Values: []float64{-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6}}}, got)
	}
}

func TestRefuses(t *testing.T) {
	good, err := os.ReadFile("testdata/version1.npy")
	require.NoError(t, err)
	with := func(old, new string) []byte { return bytes.Replace(good, []byte(old), []byte(new), 1) }
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":            {nil, "neither a .npy nor a .npz file"},
		"text":               {[]byte("hello"), "neither a .npy nor a .npz file"},
		"a short header":     {good[:20], "cut short in its header"},
		"short data":         {good[:len(good)-1], "shape [3 4] and type f4 needs 48 bytes, 47 follow"},
		"more data":          {append(bytes.Clone(good), 0), "48 bytes, 49 follow"},
		"a huge shape":       {with("(3, 4)", "(9999999999, 9999999999)"), "does not fit the"},
		"an overflow":        {with("(3, 4)", "(281474976710655, 281474976710655)"), "does not fit the"},
		"a negative size":    {with("(3, 4)", "(-3, 4)"), "shape is no tuple"},
		"no tuple":           {with("(3, 4)", "12    "), "shape is no tuple"},
		"an unknown version": {append([]byte(magic+"\x07"), good[7:]...), "version 7.0"},
		"complex numbers":    {with("'<f4'", "'<c8'"), `type "<c8"`},
		"an unknown key":     {with("'shape'", "'shapf'"), "unknown key"},
		"a missing key":      {with("'fortran_order': False, ", ""), "want descr, fortran_order and shape"},
		"a key twice":        {with("'fortran_order': False", "'descr': '<f4'       "), "damaged"},
		"an odd order":       {with("False", "Maybe"), "neither True nor False"},
	} {
		_, err := DecodeAll(c.b)
		assert.ErrorContains(t, err, c.want, name)
	}
	for file, want := range map[string]string{"object.npy": `type "|O"`, "record.npy": "an array of records",
		"text.npy": `type "<U2"`, "golden.py": "golden.py: neither"} {
		_, err := ReadFile(filepath.Join("testdata", file))
		assert.ErrorContains(t, err, want)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	_, err = z.Create("readme.txt")
	require.NoError(t, err)
	require.NoError(t, z.Close())
	_, err = DecodeAll(b.Bytes())
	assert.ErrorContains(t, err, `holds "readme.txt", which is no array`)
}

// TestWrites: what is written is read back, by npyio as well, twice with the same bytes.
func TestWrites(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 3).Draw(rt, "shape")
		n := 1
		for _, d := range shape {
			n *= d
		}
		a := Array{Shape: shape, Values: rapid.SliceOfN(rapid.Float64(), n, n).Draw(rt, "values")}
		if a.Shape == nil {
			a.Shape = []int{}
		}
		dir := t.TempDir()
		first, second := filepath.Join(dir, "a.npz"), filepath.Join(dir, "b.npz")
		for _, path := range []string{first, second} {
			require.NoError(rt, WriteFile(path, map[string]Array{"x": a, "mu": {Shape: []int{2}, Values: []float64{1, 2}}}))
		}
		got, err := ReadFile(first)
		require.NoError(rt, err)
		require.Equal(rt, a.Shape, got["x"].Shape)
		require.Equal(rt, append([]float64{}, a.Values...), append([]float64{}, got["x"].Values...))
		x, err := os.ReadFile(first)
		require.NoError(rt, err)
		y, err := os.ReadFile(second)
		require.NoError(rt, err)
		require.Equal(rt, x, y)
		var mu bytes.Buffer
		require.NoError(rt, Array{Shape: []int{2}, Values: []float64{1, 2}}.encode(&mu))
		var theirs []float64
		require.NoError(rt, npyio.Read(&mu, &theirs))
		require.Equal(rt, []float64{1, 2}, theirs)
	})
	err := WriteFile(filepath.Join(t.TempDir(), "bad.npz"), map[string]Array{"x": {Shape: []int{2, 2}, Values: []float64{1}}})
	assert.ErrorContains(t, err, `array "x": shape [2 2] does not hold 1 values`)
}

// TestNumPyReads runs only where Python has NumPy.
func TestNumPyReads(t *testing.T) {
	python := "/usr/bin/python3"
	if exec.Command(python, "-c", "import numpy").Run() != nil {
		t.Skip("needs python3 with NumPy")
	}
	path := filepath.Join(t.TempDir(), "x.npz")
	require.NoError(t, WriteFile(path, map[string]Array{"mu": {Shape: []int{2}, Values: []float64{1.5, -2}},
		"sigma": {Shape: []int{2, 2}, Values: []float64{1, 2, 3, 4}}, "n": {Values: []float64{7}}}))
	out, err := exec.Command(python, "-c", "import numpy,sys; z=numpy.load(sys.argv[1]); print([(k, z[k].dtype.str, "+
		"z[k].tolist()) for k in sorted(z.files)])", path).CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "[('mu', '<f8', [1.5, -2.0]), ('n', '<f8', 7.0), ('sigma', '<f8', [[1.0, 2.0], [3.0, 4.0]])]",
		strings.TrimSpace(string(out)))
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"version1.npy", "version3.npy", "object.npy", "record.npy", "stored.npz", "deflated.npz"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := DecodeAll(b)
		if err != nil {
			return
		}
		for _, a := range all {
			n := 1
			for _, d := range a.Shape {
				n *= d
			}
			if n != len(a.Values) {
				t.Fatalf("shape %v holds %d values", a.Shape, len(a.Values))
			}
		}
	})
}

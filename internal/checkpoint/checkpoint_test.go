package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/golden"
)

// sample has a matrix, a vector with every odd value, a scalar and nothing.
func sample() (map[string]Array, map[string]string) {
	return map[string]Array{
		"conv.weight": {Shape: []int64{2, 3}, Values: []float32{1, 2, 3, 4, 5, 6}},
		"conv.bias": {Shape: []int64{4}, Values: []float32{float32(math.Inf(1)), float32(math.Copysign(0, -1)),
			math.SmallestNonzeroFloat32, -math.MaxFloat32}},
		"scale":   {Shape: []int64{}, Values: []float32{0.5}},
		"nothing": {Shape: []int64{0, 7}, Values: []float32{}},
	}, map[string]string{"format": "pt", "note": "a <b> & \"c\" ü\n"}
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		arrays := map[string]Array{}
		for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,4}(\.[a-zü_"<]{1,5})?`), 0, 5,
			rapid.ID[string]).Draw(r, "names") {
			a := Array{Shape: rapid.SliceOfN(rapid.Int64Range(0, 4), 0, 4).Draw(r, "shape")}
			n := int64(1)
			for _, d := range a.Shape {
				n *= d
			}
			a.Values = rapid.SliceOfN(rapid.Float32(), int(n), int(n)).Draw(r, "values")
			arrays[name] = a
		}
		meta := rapid.MapOfN(rapid.StringMatching(`[a-z]{1,3}`), rapid.String(), 1, 3).Draw(r, "meta")
		path := filepath.Join(dir, "a.safetensors")
		require.NoError(r, Save(path, arrays, meta))
		got, gotMeta, err := Load(path)
		require.NoError(r, err)
		assert.Equal(r, arrays, got)
		assert.Equal(r, meta, gotMeta)

		first, err := os.ReadFile(path)
		require.NoError(r, err)
		again := filepath.Join(dir, "b.safetensors")
		require.NoError(r, Save(again, got, gotMeta))
		second, err := os.ReadFile(again)
		require.NoError(r, err)
		assert.Equal(r, first, second, "equal contents make equal files")
	})
}

func TestNotANumberKeepsItsBits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.safetensors")
	nan := math.Float32frombits(0x7fc01234)
	require.NoError(t, Save(path, map[string]Array{"a": {Shape: []int64{1}, Values: []float32{nan}}}, nil))
	got, meta, err := Load(path)
	require.NoError(t, err)
	assert.Equal(t, uint32(0x7fc01234), math.Float32bits(got["a"].Values[0]))
	assert.Empty(t, meta)
}

func TestGoldenFile(t *testing.T) {
	arrays, meta := sample()
	path := filepath.Join(t.TempDir(), "a.safetensors")
	require.NoError(t, Save(path, arrays, meta))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	golden.File(t, got, "testdata", "golden.safetensors")
	back, backMeta, err := Load(filepath.Join("testdata", "golden.safetensors"))
	require.NoError(t, err)
	assert.Equal(t, arrays, back)
	assert.Equal(t, meta, backMeta)
}

// TestFormatIsSafetensors reads the golden file as the format's specification
// says: 8 bytes of length, JSON, then the data without gaps.
// https://github.com/huggingface/safetensors#format
func TestFormatIsSafetensors(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "golden.safetensors"))
	require.NoError(t, err)
	n := binary.LittleEndian.Uint64(b)
	assert.Zero(t, n%8, "the data are aligned")
	var entries map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(b[8:8+n], &entries))
	arrays, meta := sample()
	require.Len(t, entries, len(arrays)+1)
	var gotMeta map[string]string
	require.NoError(t, json.Unmarshal(entries["__metadata__"], &gotMeta))
	assert.Equal(t, meta, gotMeta)
	covered := 0
	for name, a := range arrays {
		var e struct {
			DType   string  `json:"dtype"`
			Shape   []int64 `json:"shape"`
			Offsets [2]int  `json:"data_offsets"`
		}
		require.NoError(t, json.Unmarshal(entries[name], &e), name)
		assert.Equal(t, "F32", e.DType, name)
		assert.Equal(t, a.Shape, e.Shape, name)
		raw := b[8+int(n)+e.Offsets[0] : 8+int(n)+e.Offsets[1]]
		require.Len(t, raw, 4*len(a.Values), name)
		for i, v := range a.Values {
			assert.Equal(t, math.Float32bits(v), binary.LittleEndian.Uint32(raw[4*i:]), name)
		}
		covered += len(raw)
	}
	assert.Equal(t, len(b), 8+int(n)+covered)
}

func TestSaveRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.safetensors")
	for name, c := range map[string]struct {
		array Array
		want  string
	}{
		"w":            {Array{Shape: []int64{2, 2}, Values: make([]float32, 3)}, "array w: shape [2 2] cannot hold 3 values"},
		"scalar":       {Array{Values: nil}, "array scalar: shape [] cannot hold 0 values"},
		"minus":        {Array{Shape: []int64{-1, -2}, Values: make([]float32, 2)}, "array minus: shape [-1 -2] is impossible"},
		"overflow":     {Array{Shape: []int64{1 << 32, 1 << 32}}, "is impossible"},
		"__metadata__": {Array{Shape: []int64{1}, Values: []float32{1}}, "the name belongs to the file format"},
	} {
		err := Save(path, map[string]Array{name: c.array}, nil)
		assert.ErrorContains(t, err, c.want)
		assert.ErrorContains(t, err, path)
	}
	assert.ErrorIs(t, Save(filepath.Join(dir, "none", "a"), nil, nil), fs.ErrNotExist)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestLoadRefuses(t *testing.T) {
	_, _, err := Load(filepath.Join(t.TempDir(), "none.safetensors"))
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "no checkpoint at")
	_, _, err = Load(t.TempDir())
	assert.ErrorContains(t, err, "is a directory")

	whole, err := os.ReadFile(filepath.Join("testdata", "golden.safetensors"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "a.safetensors")
	for n := range whole {
		_, _, err := Decode(whole[:n])
		require.Error(t, err, "%d of %d bytes", n, len(whole))
		if n%50 == 0 {
			require.NoError(t, os.WriteFile(path, whole[:n], 0o600))
			_, _, err = Load(path)
			require.ErrorContains(t, err, path+" is not a whole safetensors file of float32 arrays")
			require.ErrorContains(t, err, "delete it or give another")
		}
	}
	_, _, err = Decode(append(whole, 0))
	assert.Error(t, err, "a byte too many")
}

// file puts a header in front of n bytes of data.
func file(json string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(json)))
	return append(append(b, json...), make([]byte, n)...)
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"float64":           {file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 8), "array a holds F64, want F32"},
		"half":              {file(`{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`, 4), "holds BF16"},
		"unknown type":      {file(`{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,4]}}`, 4), "Q4"},
		"no JSON":           {file(`{"a":`, 0), "header"},
		"shape and offsets": {file(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, 8), "offsets"},
		"a gap":             {file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), "offset"},
		"an overlap": {file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
			"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 8), "offset"},
		"negative shape": {file(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), "shape"},
		"huge shape":     {file(`{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,4]}}`, 4), "overflow"},
		"huge product":   {file(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}`, 4), "overflow"},
		"huge and empty": {file(`{"a":{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,0]}}`, 0),
			"array a: shape [0 -1] is impossible"},
		"huge, then empty":  {file(`{"a":{"dtype":"F32","shape":[4611686018427387904,2,0],"data_offsets":[0,0]}}`, 0), "is impossible"},
		"huge offsets":      {file(`{"a":{"dtype":"F32","shape":[2305843009213693952],"data_offsets":[0,9223372036854775808]}}`, 4), "buffer"},
		"huge header":       {binary.LittleEndian.AppendUint64(nil, math.MaxUint64-7), "too large"},
		"header of 90 MB":   {append(binary.LittleEndian.AppendUint64(nil, 90_000_000), `{}`...), "header length"},
		"metadata of lists": {file(`{"__metadata__":{"a":[1]}}`, 0), "expected string"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Decode(c.b)
			assert.ErrorContains(t, err, c.want)
		})
	}
	arrays, meta, err := Decode(file("{}"+strings.Repeat(" ", 6), 0))
	require.NoError(t, err)
	assert.Empty(t, arrays)
	assert.Empty(t, meta)
}

// FuzzDecode wants an error or arrays whose shapes hold their values and whose
// copy reads the same; never a panic, nor memory beyond the file's.
func FuzzDecode(f *testing.F) {
	whole, err := os.ReadFile(filepath.Join("testdata", "golden.safetensors"))
	require.NoError(f, err)
	f.Add(whole)
	f.Add(whole[:40])
	f.Add(file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4))
	f.Add(file(`{"a":{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,0]}}`, 0))
	f.Add(file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"__metadata__":{"k":"v"}}`, 8))
	f.Add(file("null", 0))
	f.Add(binary.LittleEndian.AppendUint64(nil, 99_999_999))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		arrays, meta, err := Decode(b)
		if err != nil {
			return
		}
		total := 0
		for name, a := range arrays {
			n := int64(1)
			for _, d := range a.Shape {
				require.GreaterOrEqual(t, d, int64(0), name)
				n *= d
			}
			require.Equal(t, n, int64(len(a.Values)), name)
			total += 4 * len(a.Values)
		}
		require.LessOrEqual(t, total, len(b))
		path := filepath.Join(dir, "copy")
		require.NoError(t, Save(path, arrays, meta))
		again, _, err := Load(path)
		require.NoError(t, err)
		require.Len(t, again, len(arrays))
		for name, a := range arrays {
			require.Equal(t, a.Shape, again[name].Shape, name)
			for i, v := range a.Values {
				require.Equal(t, math.Float32bits(v), math.Float32bits(again[name].Values[i]), name)
			}
		}
	})
}

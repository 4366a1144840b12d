package pickle

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func pythonFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}

// The arrays that testdata/python.py saved, in both formats.
func TestRead(t *testing.T) {
	inf := float32(math.Inf(1))
	want := map[string]Array{
		"a":            {Shape: []int64{2, 3}, Values: []float32{0, .25, .5, .75, 1, 1.25}},
		"columns":      {Shape: []int64{3, 2}, Values: []float32{0, .75, .25, 1, .5, 1.25}},
		"every_second": {Shape: []int64{4}, Values: []float32{1, 3, 5, 7}},
		"again":        {Shape: []int64{4}, Values: []float32{1, 3, 5, 7}},
		"scalar":       {Shape: []int64{}, Values: []float32{2.5}},
		"empty":        {Shape: []int64{0, 3}, Values: []float32{}},
		"half":         {Shape: []int64{6}, Values: []float32{1, -0.333251953125, 6.103515625e-05, 5.960464477539063e-08, 65504, inf}},
		"bfloat":       {Shape: []int64{2}, Values: []float32{1, -3.140625}},
		"double":       {Shape: []int64{2}, Values: []float32{0.1, -1e-3}},
		"parameter":    {Shape: []int64{1}, Values: []float32{7}},
	}
	for _, name := range []string{"arrays-zip.pth", "arrays-legacy.pth"} {
		got, err := read(filepath.Join("testdata", name))
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
		assert.Same(t, &got["again"].Values[0], &got["every_second"].Values[0], "one view, read once")
	}
}

func TestReadFindsTheStateDict(t *testing.T) {
	for _, name := range []string{"nested-zip.pth", "nested-legacy.pth"} {
		got, err := read(filepath.Join("testdata", name))
		require.NoError(t, err, name)
		assert.Equal(t, Array{Shape: []int64{1, 2}, Values: []float32{.5, .5}}, got["0.weight"])
		assert.Equal(t, Array{Shape: []int64{1}, Values: []float32{1}}, got["1.running_var"])
		assert.Len(t, got, 6, "without num_batches_tracked")
	}
	got, err := read(filepath.Join("testdata", "model-zip.pth"))
	require.NoError(t, err)
	assert.Contains(t, got, "a")
}

func TestReadRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"hostile-zip.pth":    `it asks to call "posix.system", which no tensor needs; nothing was run`,
		"hostile-legacy.pth": `it asks to call "posix.system", which no tensor needs; nothing was run`,
		"whole-zip.pth":      "which torch.save does not write",
		"list-zip.pth":       "it holds no dictionary of tensors: save the model's state_dict()",
		"empty-zip.pth":      "it holds no tensors of floating-point numbers",
		"protocol4-zip.pth":  "pickle protocol 4: save with torch.save's default, 2",
		"python.py":          "neither a zip nor a legacy file of torch.save",
	} {
		_, err := read(filepath.Join("testdata", name))
		assert.ErrorContains(t, err, want, name)
		assert.ErrorContains(t, err, "python checkpoint", name)
	}
	_, err := os.Stat(filepath.Join("testdata", "executed"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = os.Stat("executed")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// Every cut of a file is an error; so is a flipped bit of a zip's numbers, which have a checksum.
func TestReadRefusesDamage(t *testing.T) {
	for _, name := range []string{"arrays-zip.pth", "arrays-legacy.pth"} {
		b := pythonFile(t, name)
		for n := 0; n < len(b); n += 1 + n/97 {
			_, err := Decode(b[:n])
			assert.Error(t, err, "%s cut to %d bytes", name, n)
		}
	}
	b := bytes.Clone(pythonFile(t, "arrays-zip.pth"))
	i := bytes.Index(b, binary.LittleEndian.AppendUint32(nil, math.Float32bits(1.25)))
	require.Positive(t, i)
	b[i] ^= 1
	_, err := Decode(b)
	assert.ErrorIs(t, err, zip.ErrChecksum)
}

// op writes pickles by hand: text of SHORT_BINSTRING in ⟨⟩.
func op(s string) string {
	var out strings.Builder
	for len(s) > 0 {
		before, rest, ok := strings.Cut(s, "⟨")
		out.WriteString(before)
		if !ok {
			break
		}
		text, after, _ := strings.Cut(rest, "⟩")
		out.WriteString("U" + string(rune(len(text))) + text)
		s = after
	}
	return out.String()
}

// legacyFile is a legacy file with these contents and one storage ⟨k⟩ of float32.
func legacyFile(contents string, values ...float32) []byte {
	b := []byte(legacyMagic + op("\x80\x02}⟨little_endian⟩\x88s.") + op("\x80\x02"+contents+".") + op("\x80\x02]⟨k⟩a."))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(values)))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

const (
	storageK = "(⟨storage⟩ctorch\nFloatStorage\n⟨k⟩⟨cpu⟩\x8a\x01\x04NtQ"
	tensorOf = "ctorch._utils\n_rebuild_tensor_v2\n("
)

// Python 2 wrote an OrderedDict as a list of pairs, and a view of another storage by its key, offset and size.
func TestReadOfPython2(t *testing.T) {
	tensor := tensorOf + storageK + "K\x01K\x03\x85K\x01\x85\x89NtR"
	got, err := Decode(legacyFile("ccollections\nOrderedDict\n]]⟨w⟩a"+tensor+"aa\x85R", 1, 2, 3, 4))
	require.NoError(t, err)
	assert.Equal(t, map[string]Array{"w": {Shape: []int64{3}, Values: []float32{2, 3, 4}}}, got)
	view := strings.Replace(tensor, "\x04N", "\x04(⟨v⟩K\x01K\x02t", 1)
	got, err = Decode(legacyFile("}⟨w⟩"+strings.Replace(view, "K\x03\x85", "K\x02\x85", 1)+"s", 1, 2, 3, 4))
	require.NoError(t, err)
	assert.Equal(t, []float32{3, 4}, got["w"].Values)
}

func TestReadRefusesMadeUpFiles(t *testing.T) {
	entry := func(tensor string) []byte { return legacyFile("}⟨w⟩"+tensor+"s", 1, 2, 3, 4) }
	big := "J\xff\xff\xff\x7f"
	for want, b := range map[string][]byte{
		"leave its storage of 4 numbers":  entry(tensorOf + storageK + "K\x01K\x04\x85K\x01\x85\x89NtR"),
		"shape [2147483647], strides [0]": entry(tensorOf + storageK + "K\x00" + big + "\x85K\x00\x85\x89NtR"),
		"strides [9223372036854775807]": entry(tensorOf + storageK +
			"K\x00K\x02\x85\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85\x89NtR"),
		"offset 9223372036854775807": entry(tensorOf + storageK +
			"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\x01\x85K\x01\x85\x89NtR"),
		"a tensor without storage":                   entry(tensorOf + storageK + "J\xff\xff\xff\xffK\x01\x85K\x01\x85\x89NtR"),
		"the pickle names a storage in a way":        entry(tensorOf + "(⟨module⟩ctorch\nFloatStorage\n⟨k⟩⟨cpu⟩K\x04NtQ"),
		"cannot be read: save float32":               entry(strings.Replace(tensorOf+storageK, "Float", "ComplexFloat", 1)),
		"the pickle takes a value that is not there": legacyFile("R"),
		"the pickle leaves values behind":            legacyFile("NN"),
		"asks for value 7, which it has not stored":  legacyFile("h\x07"),
		"closes a bracket that is not open":          legacyFile("t"),
		"the pickle makes more than it holds": legacyFile("ccollections\nOrderedDict\nq\x00]⟨w⟩aNaq\x02]q\x01(" +
			strings.Repeat("h\x02", 40) + "e" + strings.Repeat("h\x00h\x01\x85R0", 60)),
		"opcode 0x6f, which torch.save does not write": legacyFile("o"),
		"an integer of 9 bytes":                        legacyFile("\x8a\x09"),
		"holds Python objects, not tensors alone":      legacyFile("]Nb"),
		"its numbers are not little-endian":            []byte(legacyMagic + "\x80\x02}.\x80\x02}.\x80\x02]."),
		"the list of storages is missing":              []byte(legacyMagic + op("\x80\x02}⟨little_endian⟩\x88s.\x80\x02}.\x80\x02}.")),
		`storage "k" is cut short or belongs to no`:    legacyFile("}"),
	} {
		_, err := Decode(b)
		assert.ErrorContains(t, err, want)
	}
	// A list that contains itself is no danger either.
	_, err := Decode(legacyFile("ccollections\nOrderedDict\n]q\x00h\x00a\x85R"))
	assert.ErrorContains(t, err, "an OrderedDict of something else than pairs")
}

func TestReadRefusesArchives(t *testing.T) {
	archive := func(method uint16, records ...string) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i := 0; i < len(records); i += 2 {
			f, err := w.CreateHeader(&zip.FileHeader{Name: records[i], Method: method})
			require.NoError(t, err)
			_, err = f.Write([]byte(records[i+1]))
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return b.Bytes()
	}
	pkl := op("\x80\x02}⟨w⟩" + tensorOf + storageK + "K\x00K\x01\x85K\x01\x85\x89NtRs.")
	for want, b := range map[string][]byte{
		"the archive has no record a/data/k":  archive(zip.Store, "a/data.pkl", pkl),
		"record a/data.pkl is compressed":     archive(zip.Deflate, "a/data.pkl", pkl),
		"it is a TorchScript module":          archive(zip.Store, "a/data.pkl", pkl, "a/constants.pkl", ""),
		`in byte order "big"`:                 archive(zip.Store, "a/data.pkl", pkl, "a/byteorder", "big"),
		"neither a zip nor a legacy":          archive(zip.Store, "a.txt", pkl),
		"leave its storage of 0 numbers":      archive(zip.Store, "a/data.pkl", pkl, "a/data/k", "abc"),
		"the archive is damaged":              []byte("PK\x03\x04"),
		"the pickle is cut short":             archive(zip.Store, "a/data.pkl", pkl[:len(pkl)-1], "a/data/k", "abcd"),
		"save with torch.save's default, 2":   archive(zip.Store, "a/data.pkl", "\x80\x05N."),
		"it holds no dictionary of tensors":   archive(zip.Store, "a/data.pkl", "\x80\x02N."),
		"the pickle appends to what is no li": archive(zip.Store, "a/data.pkl", "\x80\x02}Na."),
	} {
		_, err := Decode(b)
		assert.ErrorContains(t, err, want)
	}
}

// FuzzDecode wants no crash, no hang, and no more memory than a multiple of the input.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"arrays-zip.pth", "arrays-legacy.pth", "nested-zip.pth", "nested-legacy.pth",
		"hostile-zip.pth", "whole-zip.pth"} {
		f.Add(pythonFile(f, name))
	}
	f.Add(legacyFile("}⟨w⟩"+tensorOf+storageK+"K\x01K\x03\x85K\x01\x85\x89NtRs", 1, 2, 3, 4))
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		arrays, err := Decode(b)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20+400*len(b)))
		if err != nil {
			return
		}
		for name, a := range arrays {
			n := int64(1)
			for _, d := range a.Shape {
				n *= d
			}
			require.Len(t, a.Values, int(n), name)
		}
	})
}

// read decodes a file.
func read(path string) (map[string]Array, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Decode(b)
}

package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// packed is a .npz file of arrays of n zero bytes each.
func packed(t testing.TB, n int, method uint16, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: method})
		require.NoError(t, err)
		text := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%d,), }\n", n)
		_, err = f.Write(append([]byte(magic+"\x01\x00"), byte(len(text)), 0))
		require.NoError(t, err)
		_, err = f.Write(append([]byte(text), make([]byte, n)...))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// TestBombs: what a file unpacks to is bounded over all its arrays, before memory is taken for it.
func TestBombs(t *testing.T) {
	b := packed(t, 48<<20, zip.Deflate, "a") // 384 MiB of float64 in under 50 kB
	require.Less(t, len(b), 50<<10)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := DecodeAll(b)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, errTooLarge)
	assert.ErrorContains(t, err, `array "a"`)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))

	two := packed(t, 1000, zip.Deflate, "a", "b")
	_, err = all(bytes.NewReader(two), int64(len(two)), 16000, nil)
	require.NoError(t, err)
	_, err = all(bytes.NewReader(two), int64(len(two)), 15999, nil)
	require.ErrorIs(t, err, errTooLarge)
	assert.ErrorContains(t, err, `array "b"`)
}

// TestLies: sizes that the directory makes up, and data that is not what was packed.
func TestLies(t *testing.T) {
	const n = 1000
	lie := func(method uint16, field int, size uint32) []byte {
		b := packed(t, n, method, "a")
		at := bytes.LastIndex(b, []byte("PK\x01\x02")) // the directory's entry
		binary.LittleEndian.PutUint32(b[at+field:], size)
		return b
	}
	const compressed, unpacked = 20, 24
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"more than deflate can do": {lie(zip.Deflate, unpacked, 1<<31), "claims to unpack"},
		"more than it has":         {lie(zip.Store, unpacked, 5000), "needs 1000 bytes"},
		"less than it has":         {lie(zip.Store, unpacked, 900), "does not fit the 829 bytes"},
		"more packed than there":   {lie(zip.Store, compressed, 1<<31), "not a valid zip file"},
		"none packed":              {lie(zip.Deflate, compressed, 0), "claims to unpack from 0"},
	} {
		_, err := DecodeAll(c.b)
		assert.ErrorContains(t, err, c.want, name)
	}
	b := packed(t, n, zip.Store, "a")
	b[len(b)/2] ^= 1
	_, err := DecodeAll(b)
	assert.ErrorIs(t, err, zip.ErrChecksum)
}

// TestOnly: arrays that nobody asked for are not looked at.
func TestOnly(t *testing.T) {
	object, err := os.ReadFile("testdata/object.npy")
	require.NoError(t, err)
	good, err := os.ReadFile("testdata/version1.npy")
	require.NoError(t, err)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string][]byte{"mu.npy": good, "paths.npy": object, "about.txt": []byte("x")} {
		f, err := z.Create(name)
		require.NoError(t, err)
		_, err = f.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	path := filepath.Join(t.TempDir(), "x.npz")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	got, err := ReadFile(path, "mu", "sigma")
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.Equal(t, []int{3, 4}, got["mu"].Shape)
	_, err = ReadFile(path)
	assert.Error(t, err)
	_, err = ReadFile(filepath.Dir(path))
	assert.ErrorContains(t, err, "is a directory")
}

// FuzzDecodePacked gives an array's bytes a sound .npz around them.
func FuzzDecodePacked(f *testing.F) {
	for _, name := range []string{"version1.npy", "version2.npy", "version3.npy", "object.npy", "text.npy"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(b, false)
		f.Add(b, true)
	}
	f.Fuzz(func(t *testing.T, content []byte, deflate bool) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		method := zip.Store
		if deflate {
			method = zip.Deflate
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: "x.npy", Method: method})
		require.NoError(t, err)
		_, err = w.Write(content)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		packed, errPacked := DecodeAll(b.Bytes())
		plain, errPlain := decode(content)
		require.Equal(t, errPlain == nil, errPacked == nil, "%v, %v", errPlain, errPacked)
		if errPlain == nil {
			require.Equal(t, plain.Shape, packed["x"].Shape)
			require.Len(t, packed["x"].Values, len(plain.Values))
		}
	})
}

// decode reads a .npy file's bytes.
func decode(b []byte) (Array, error) {
	room := int64(math.MaxInt64)
	return read(bytes.NewReader(b), int64(len(b)), &room)
}

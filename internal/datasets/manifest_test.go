package datasets

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func manifest(t testing.TB) Manifest {
	t.Helper()
	_, m := split(t, newFakes(1, 1, 2, 3, 4), newFakes(7, 8), ForgetOptions{Kind: "class", Classes: []string{"cat"}, Poisoned: 0.5}, 1<<63)
	return m
}

func encode(t testing.TB, m Manifest) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, m.encode(&b))
	return b.Bytes()
}

// The file is evidence: its form changes only with the format's number.
// LETHE_UPDATE=1 go test writes it anew.
func TestManifestGolden(t *testing.T) {
	golden := filepath.Join("testdata", "manifest.json")
	if os.Getenv("LETHE_UPDATE") != "" {
		require.NoError(t, manifest(t).Write(golden))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(encode(t, manifest(t))))
	m, err := ReadManifest(golden)
	require.NoError(t, err)
	assert.Equal(t, manifest(t), m)
}

func TestManifestRoundTrip(t *testing.T) {
	train, test := pair(t, 30, 10)
	_, m := split(t, train, test, ForgetOptions{Kind: "random", Fraction: 0.3, Poisoned: 0.5}, 5)
	path := filepath.Join(t.TempDir(), "manifest.json")
	require.NoError(t, m.Write(path))
	back, err := ReadManifest(path)
	require.NoError(t, err)
	assert.Equal(t, m, back)
	a, err := m.Digest()
	require.NoError(t, err)
	b, err := back.Digest()
	require.NoError(t, err)
	assert.Equal(t, a, b)

	require.NoError(t, back.Verify(context.Background(), train, test))
	assert.ErrorContains(t, back.Verify(context.Background(), test, train), "manifest: ")
	other, err := Shapes(30, 32, 8, TrainStream)
	require.NoError(t, err)
	assert.ErrorContains(t, back.Verify(context.Background(), other, test), "the data have changed")
	few, err := Shapes(3, 32, 7, TrainStream)
	require.NoError(t, err)
	assert.ErrorContains(t, back.Verify(context.Background(), few, test), "shapes has only 3 images")

	assert.ErrorIs(t, m.Write(filepath.Join(t.TempDir(), "none", "m.json")), os.ErrNotExist)
	_, err = ReadManifest(filepath.Join(t.TempDir(), "none"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// Every byte that carries meaning is under the digest.
func TestManifestChanges(t *testing.T) {
	good := encode(t, manifest(t))
	for _, c := range []struct{ name, from, to, want string }{
		{"label", `"label":1`, `"label":2`, "changed after it was written"},
		{"hash", `"sha256":"`, `"sha256":"00`, "not one of SHA-256"},
		{"seed", `"seed": "9`, `"seed": "8`, "changed after it was written"},
		{"number for the seed", `"seed": "9223372036854775808"`, `"seed": 7`, "seed"},
		{"split", `"split":"retain"`, `"split":"kept"`, `has the split "kept"`},
		{"poison", `,"poisoned":true`, ``, "the counts are not those of the images"},
		{"count", `"test": 2`, `"test": 3`, "the counts are not those of the images"},
		{"class", `"dog"`, `"cow"`, "changed after it was written"},
		{"fewer classes", "\"cat\",\n    \"dog\",", "", "of 1 classes"},
		{"version", `"lethe_manifest": 1`, `"lethe_manifest": 2`, "format 2; this program reads 1"},
		{"unknown field", `"data"`, `"date"`, `unknown field "date"`},
		{"digest", `"digest": "`, `"digest": "0`, "changed after it was written"},
		{"tail", "}\n", "} {}", "something follows the manifest"},
		{"order", `"index":0`, `"index":4`, "out of order"},
		{"cut", good2half(good), "", "the file is empty or cut short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := strings.Replace(string(good), c.from, c.to, 1)
			if c.name == "tail" {
				bad = strings.TrimSuffix(string(good), c.from) + c.to
			}
			require.NotEqual(t, string(good), bad)
			path := filepath.Join(t.TempDir(), "m.json")
			write(t, path, []byte(bad))
			m, err := ReadManifest(path)
			assert.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, path)
			assert.Empty(t, m)
		})
	}
	m := manifest(t)
	m.Images[0].Poisoned = true
	assert.ErrorContains(t, m.check(), "poisoned, but not to be forgotten")
	assert.ErrorContains(t, Manifest{Version: 1}.check(), "it lists no image")
	m = manifest(t)
	m.Images[1].Index = m.Split().Forget[0]
	m.Images = append(m.Images[1:2], m.Images[2:]...)
	m.Counts.Retain--
	assert.ErrorContains(t, m.check(), "both to retain and to forget")
}

// good2half is the second half of a file.
func good2half(b []byte) string { return string(b[len(b)/2:]) }

func FuzzManifest(f *testing.F) {
	f.Add(encode(f, manifest(f)))
	f.Add([]byte(`{"lethe_manifest":1,"images":null}`))
	f.Add([]byte(`{"Lethe_Manifest":1,"classes":["a"],"images":[{"split":"test","index":0,"label":0,"sha256":""}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseManifest(b)
		if err != nil {
			require.Empty(t, m)
			return
		}
		again, err := parseManifest(encode(t, m))
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}

func FuzzForgetList(f *testing.F) {
	f.Add("1\n# two\ncat/a.pnga\n")
	f.Add("-1")
	f.Add("999999999999999999999\n\x00")
	set := newFakes(1, 2, 3, 4)
	f.Fuzz(func(t *testing.T, text string) {
		idx, err := readList(strings.NewReader(text), "list", set)
		if err != nil {
			require.ErrorContains(t, err, "list:")
			require.Nil(t, idx)
		}
		for k, i := range idx {
			require.True(t, i >= 0 && i < set.Len() && (k == 0 || idx[k-1] < i))
		}
	})
}

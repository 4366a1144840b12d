// Package golden is the kit of tests that compare with stored values, and is imported by tests alone. [Cases] and
// [Folders] are reference values of third-party codes: excerpts in testdata, which every clone has, and the whole
// collection where it lies beside the repository. [File] compares with a file that -update writes anew. Waves, Normals
// and others are inputs that need no file.
package golden

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npz"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// A Case has its inputs in a .npz file, and expected values by named third-party codes.
type Case struct {
	ID       string
	File     string
	Expected map[string]Value
	dir      string
}

// A Value is what one code computed, and how near another must come.
type Value struct {
	Value  any     `json:"value"`
	By     string  `json:"by"`
	AbsTol float64 `json:"abs_tol"`
	RelTol float64 `json:"rel_tol"`
}

// Cases loads the cases of one metric: those of the excerpt, then the others of the whole collection where that is
// beside the repository. There the excerpt must be a part of the collection, to the byte.
func Cases(t testing.TB, metric string) []Case {
	t.Helper()
	var out []Case
	seen := map[string]Case{}
	for _, dir := range Folders(t, metric) {
		for _, c := range load(t, dir) {
			if first, ok := seen[c.ID]; ok {
				c.holds(t, first)
				continue
			}
			seen[c.ID] = c
			out = append(out, c)
		}
	}
	return out
}

// Find is the case of that name.
func Find(t testing.TB, metric, id string) Case {
	t.Helper()
	for _, c := range Cases(t, metric) {
		if c.ID == id {
			return c
		}
	}
	require.Fail(t, "no reference case", "%s of %s", id, metric)
	return Case{}
}

func load(t testing.TB, dir string) []Case {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	require.NoError(t, err)
	var file struct{ Cases []Case }
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Cases)
	for i := range file.Cases {
		file.Cases[i].dir = dir
	}
	return file.Cases
}

// holds checks that an excerpt has nothing that the case has not.
func (c Case) holds(t testing.TB, excerpt Case) {
	t.Helper()
	for name, v := range excerpt.Expected {
		require.Equal(t, c.Expected[name], v, "%s of %s in the excerpt is not the collection's", name, c.ID)
	}
	require.Equal(t, c.File, excerpt.File)
	if c.File == "" {
		return
	}
	want, err := os.ReadFile(filepath.Join(c.dir, c.File))
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(excerpt.dir, c.File))
	require.NoError(t, err)
	require.True(t, string(want) == string(got), "%s of the excerpt is not the collection's", c.File)
}

// Array reads one array of the case's .npz as float64 (true is 1), with its shape.
func (c Case) Array(t testing.TB, name string) ([]float64, []int) {
	t.Helper()
	z, err := npz.Open(filepath.Join(c.dir, c.File))
	require.NoError(t, err)
	defer func() { require.NoError(t, z.Close()) }()
	key := name
	if z.Header(key) == nil {
		key = name + ".npy"
	}
	h := z.Header(key)
	require.NotNil(t, h, "no array %s in %s", name, c.File)
	var out []float64
	switch {
	case strings.HasSuffix(h.Descr.Type, "b1"):
		var v []bool
		require.NoError(t, z.Read(key, &v))
		for _, yes := range v {
			x := 0.0
			if yes {
				x = 1
			}
			out = append(out, x)
		}
	case strings.HasSuffix(h.Descr.Type, "f8"):
		require.NoError(t, z.Read(key, &out))
	case strings.HasSuffix(h.Descr.Type, "f4"):
		out = widen(t, z, key, []float32(nil))
	case strings.HasSuffix(h.Descr.Type, "i4"):
		out = widen(t, z, key, []int32(nil))
	case strings.HasSuffix(h.Descr.Type, "u1"):
		out = widen(t, z, key, []uint8(nil))
	default:
		require.Fail(t, "unknown type "+h.Descr.Type)
	}
	return out, h.Descr.Shape
}

func widen[T float32 | int32 | uint8](t testing.TB, z *npz.Reader, key string, v []T) []float64 {
	t.Helper()
	require.NoError(t, z.Read(key, &v))
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// Matrix reads an array of two dimensions.
func (c Case) Matrix(t testing.TB, name string) *mat.Dense {
	t.Helper()
	v, s := c.Array(t, name)
	require.Len(t, s, 2)
	return mat.NewDense(s[0], s[1], v)
}

// Check compares got with the named expected value by the file's own rule.
func (c Case) Check(t testing.TB, name string, got float64) {
	t.Helper()
	e, ok := c.Expected[name]
	require.True(t, ok, "%s has no value %s", c.ID, name)
	want, ok := e.Value.(float64)
	require.True(t, ok, "%s of %s is %v", name, c.ID, e.Value)
	tol := max(e.AbsTol, e.RelTol*math.Abs(want))
	require.LessOrEqual(t, math.Abs(got-want), tol, "%s %s: got %v, want %v (%s)", c.ID, name, got, want, e.By)
}

// Read decodes the named expected value, where it is no single number, into a variable.
func (c Case) Read(t testing.TB, name string, into any) Value {
	t.Helper()
	e, ok := c.Expected[name]
	require.True(t, ok, "%s has no value %s", c.ID, name)
	raw, err := json.Marshal(e.Value)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into))
	return e
}

// Near holds got to want by the value's own rule.
func (v Value) Near(t testing.TB, want, got float64) {
	t.Helper()
	require.InDelta(t, want, got, max(v.AbsTol, v.RelTol*math.Abs(want)), v.By)
}

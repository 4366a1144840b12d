// Package golden reads reference values of third-party codes for tests: cases of a collection beside the repository,
// which is not part of it. A test that needs it is skipped where it is absent.
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

// Beside is the path of a file of the folder beside the repository. The test is skipped where that is absent.
func Beside(t testing.TB, parts ...string) string {
	t.Helper()
	root, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		require.NotEqual(t, root, filepath.Dir(root), "no go.mod above the test")
		root = filepath.Dir(root)
	}
	path := filepath.Join(append([]string{filepath.Dir(root), "shared"}, parts...)...)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		t.Skipf("%s is not beside the repository (../shared)", filepath.Join(parts...))
	} else {
		require.NoError(t, err)
	}
	return path
}

// Cases loads the cases of one metric.
func Cases(t testing.TB, metric string) []Case {
	t.Helper()
	path := Beside(t, "golden", metric, "cases.json")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var file struct{ Cases []Case }
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Cases)
	for i := range file.Cases {
		file.Cases[i].dir = filepath.Dir(path)
	}
	return file.Cases
}

// Array reads one array of the case's .npz as float64, with its shape.
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

package metrics

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npz"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// goldenCase is one case of shared/golden: inputs in a .npz, expected values by named third-party codes.
type goldenCase struct {
	ID       string
	File     string
	Expected map[string]goldenValue
	dir      string
}

type goldenValue struct {
	Value  any     `json:"value"`
	By     string  `json:"by"`
	AbsTol float64 `json:"abs_tol"`
	RelTol float64 `json:"rel_tol"`
}

// golden loads the cases of one metric, or skips where the folder beside the repository is absent.
func golden(t *testing.T, metric string) []goldenCase {
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
	dir := filepath.Join(filepath.Dir(root), "shared", "golden", metric)
	raw, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	if os.IsNotExist(err) {
		t.Skipf("golden values of %s are not beside the repository (../shared/golden)", metric)
	}
	require.NoError(t, err)
	var file struct{ Cases []goldenCase }
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Cases)
	for i := range file.Cases {
		file.Cases[i].dir = dir
	}
	return file.Cases
}

// array reads one array of the case's .npz as float64, with its shape.
func (c goldenCase) array(t *testing.T, name string) ([]float64, []int) {
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

func widen[T float32 | int32 | uint8](t *testing.T, z *npz.Reader, key string, v []T) []float64 {
	t.Helper()
	require.NoError(t, z.Read(key, &v))
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

func (c goldenCase) matrix(t *testing.T, name string) *mat.Dense {
	t.Helper()
	v, s := c.array(t, name)
	require.Len(t, s, 2)
	return mat.NewDense(s[0], s[1], v)
}

// check compares got with the named expected value by the file's own rule.
func (c goldenCase) check(t *testing.T, name string, got float64) {
	t.Helper()
	e, ok := c.Expected[name]
	require.True(t, ok, "%s has no value %s", c.ID, name)
	want, ok := e.Value.(float64)
	require.True(t, ok, "%s of %s is %v", name, c.ID, e.Value)
	tol := max(e.AbsTol, e.RelTol*math.Abs(want))
	require.LessOrEqual(t, math.Abs(got-want), tol, "%s %s: got %v, want %v (%s)", c.ID, name, got, want, e.By)
}

// waves is the matrix scale·sin(a(i+1)(j+1) + b(j+1)) + shift with 0-based i, j: inputs that need no file.
func waves(n, d int, scale, a, b, shift float64) *mat.Dense {
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			x.Set(i, j, scale*math.Sin(a*float64((i+1)*(j+1))+b*float64(j+1))+shift)
		}
	}
	return x
}

func waveA(n, d int) *mat.Dense { return waves(n, d, 1, .37, .11, 0) }
func waveB(n, d int) *mat.Dense { return waves(n, d, 1, .53, .29, .25) }

// normals is an n×d matrix of N(0, 1) values.
func normals(seed uint64, n, d int) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			x.Set(i, j, rng.NormFloat64())
		}
	}
	return x
}

// shifted adds c[j] to column j.
func shifted(x *mat.Dense, c []float64) *mat.Dense {
	var y mat.Dense
	y.Apply(func(_, j int, v float64) float64 { return v + c[j] }, x)
	return &y
}

package stats_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/sbinet/npyio/npz"
	"github.com/stretchr/testify/require"
)

// goldenCase is one case of a reference collection computed by third-party code.
type goldenCase struct {
	ID       string                 `json:"id"`
	File     string                 `json:"file"`
	Expected map[string]goldenValue `json:"expected"`
	dir      string
}

type goldenValue struct {
	Value  json.RawMessage `json:"value"`
	By     string          `json:"by"`
	AbsTol float64         `json:"abs_tol"`
	RelTol float64         `json:"rel_tol"`
}

// golden reads the cases of one metric from the collection beside the repository,
// and skips the test where that is absent.
func golden(t *testing.T, metric string) []goldenCase {
	t.Helper()
	root, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		require.NotEqual(t, root, filepath.Dir(root), "no go.mod above the package")
		root = filepath.Dir(root)
	}
	dir := filepath.Join(filepath.Dir(root), "shared", "golden", metric)
	raw, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	if os.IsNotExist(err) {
		t.Skipf("reference values for %s are not beside the repository", metric)
	}
	require.NoError(t, err)
	var file struct {
		Cases []goldenCase `json:"cases"`
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Cases)
	for i := range file.Cases {
		file.Cases[i].dir = dir
	}
	return file.Cases
}

func find(t *testing.T, cases []goldenCase, id string) goldenCase {
	t.Helper()
	for _, c := range cases {
		if c.ID == id {
			return c
		}
	}
	require.Fail(t, "no reference case", id)
	return goldenCase{}
}

func (c goldenCase) array(t *testing.T, name string, into any) {
	t.Helper()
	r, err := npz.Open(filepath.Join(c.dir, c.File))
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	require.NoError(t, r.Read(name+".npy", into))
}

func (c goldenCase) floats(t *testing.T, name string) []float64 {
	t.Helper()
	var x []float64
	c.array(t, name, &x)
	require.NotEmpty(t, x)
	return x
}

func (c goldenCase) value(t *testing.T, name string, into any) goldenValue {
	t.Helper()
	v, ok := c.Expected[name]
	require.True(t, ok, "%s has no %s", c.ID, name)
	require.NoError(t, json.Unmarshal(v.Value, into))
	return v
}

func (v goldenValue) agrees(t *testing.T, want, got float64) {
	t.Helper()
	require.InDelta(t, want, got, math.Max(v.AbsTol, v.RelTol*math.Abs(want)), v.By)
}

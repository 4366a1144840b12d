package datasets

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// pair is a procedural training and test set.
func pair(t testing.TB, train, test int) (Set, Set) {
	t.Helper()
	a, err := Shapes(train, 32, 7, TrainStream)
	require.NoError(t, err)
	b, err := Shapes(test, 32, 7, TestStream)
	require.NoError(t, err)
	return a, b
}

func read(t testing.TB, s Set, idx ...int) []float32 {
	t.Helper()
	c, h, w := s.Shape()
	x := make([]float32, len(idx)*c*h*w)
	require.NoError(t, s.Read(context.Background(), x, idx))
	return x
}

// fakes is a tiny set whose pictures are single bytes, so that copies can be
// planted; its pictures have names.
type fakes struct{ memory }

func newFakes(pix ...uint8) *fakes {
	labels := make([]uint8, len(pix))
	for i := range labels {
		labels[i] = uint8(i % 3)
	}
	return &fakes{memory{name: "fakes", c: 1, h: 1, w: 1, pix: pix, labels: labels, classes: []string{"cat", "dog", "7"}}}
}

func (f *fakes) ItemName(i int) string {
	return []string{"train/cat/a.png", "train/dog/a.png", "train/7/b c.png"}[i%3] + string(rune('a'+i/3))
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, b, 0o644))
}

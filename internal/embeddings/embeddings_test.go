package embeddings

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

func TestCheck(t *testing.T) {
	x := mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})
	n, d, err := Check("set", x)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3}, []int{n, d})
	for _, empty := range []*mat.Dense{nil, {}} {
		_, _, err = Check("set", empty)
		assert.ErrorContains(t, err, "set is empty: at least one row is needed")
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, _, err = Check("set", mat.NewDense(2, 2, []float64{1, 2, 3, bad}))
		assert.ErrorContains(t, err, "set: row 1 has the value")
		assert.ErrorContains(t, err, "at coordinate 1")
	}
}

func TestCheckPair(t *testing.T) {
	x, y := mat.NewDense(3, 2, nil), mat.NewDense(1, 2, nil)
	n, d, err := CheckPair("first", x, "second", y)
	require.NoError(t, err)
	assert.Equal(t, []int{3, 2}, []int{n, d})
	_, _, err = CheckPair("first", x, "second", mat.NewDense(1, 3, nil))
	assert.ErrorContains(t, err, "first has 2 coordinates, second 3: both must come from the same features")
	_, _, err = CheckPair("first", nil, "second", &mat.Dense{})
	assert.ErrorContains(t, err, "first is empty")
	assert.ErrorContains(t, err, "second is empty")
}

func TestLargest(t *testing.T) {
	assert.Equal(t, 7., Largest([]float64{1, -7, 3}))
	assert.Zero(t, Largest(nil))
}

func TestPickCopies(t *testing.T) {
	x := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
	y := Pick(x, []int{1, 1, 0})
	y.Set(0, 0, 9)
	assert.Equal(t, []float64{9, 4, 3, 4, 1, 2}, y.RawMatrix().Data)
	assert.Equal(t, []float64{1, 2, 3, 4}, x.RawMatrix().Data)
}

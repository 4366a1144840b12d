package metrics

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/golden"
)

func TestCosinePairs(t *testing.T) {
	a := mat.NewDense(5, 2, []float64{1, 0, 3, 4, 1, 1, 2, 0, 1e-200, 1e-200})
	b := mat.NewDense(5, 2, []float64{0, 5, 6, 8, -2, -2, 1, math.Sqrt(3), 1e200, 0})
	got, err := CosinePairs(a, b)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{0, 1, -1, .5, math.Sqrt(.5)}, got, 1e-15)
}

func TestCosineProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(1, 10).Draw(t, "n"), rapid.IntRange(1, 16).Draw(t, "d")
		seed := rapid.Uint64().Draw(t, "seed")
		a, b := golden.Normals(seed, n, d), golden.Normals(seed+1, n, d)
		got, err := CosinePairs(a, b)
		require.NoError(t, err)
		var ra, rb mat.Dense
		q := golden.Rotation(seed+2, d)
		ra.Mul(a, q)
		rb.Mul(b, q)
		rb.Scale(rapid.Float64Range(1e-3, 1e3).Draw(t, "scale"), &rb)
		turned, err := CosinePairs(&rb, &ra)
		require.NoError(t, err)
		for i, v := range got {
			require.LessOrEqual(t, math.Abs(v), 1.0)
			require.InDelta(t, v, turned[i], 1e-12, "symmetry, rotation, scale")
		}
		self, err := CosinePairs(a, a)
		require.NoError(t, err)
		for _, v := range self {
			require.InDelta(t, 1, v, 1e-15)
		}
	})
}

func TestCosineErrors(t *testing.T) {
	zero := golden.WaveA(3, 2)
	zero.SetRow(1, []float64{0, 0})
	for _, c := range []struct {
		name string
		a, b *mat.Dense
		says string
	}{
		{"empty", nil, golden.WaveA(3, 2), "first set is empty"},
		{"unpaired", golden.WaveA(3, 2), golden.WaveA(4, 2), "compared in pairs"},
		{"other features", golden.WaveA(3, 2), golden.WaveA(3, 3), "same features"},
		{"no direction", golden.WaveA(3, 2), zero, "embedding 1 has length 0"},
	} {
		_, err := CosinePairs(c.a, c.b)
		assert.ErrorContains(t, err, c.says, c.name)
	}
}

func TestEmbeddings(t *testing.T) {
	x, err := Embeddings([]float32{1, 2, 3, 4, 5, 6}, 3, 2)
	require.NoError(t, err)
	assert.Equal(t, 5.0, x.At(2, 0))
	for _, c := range []struct{ n, d int }{{2, 2}, {0, 2}, {-3, -2}} {
		_, err := Embeddings([]float32{1, 2, 3, 4, 5, 6}, c.n, c.d)
		assert.ErrorContains(t, err, "6 values are not")
	}
	_, err = Embeddings([]float64{1, math.NaN()}, 2, 1)
	assert.ErrorContains(t, err, "row 1 has the value NaN at coordinate 0")
}

// One caption along its image, one across, one against it.
func TestCLIPScore(t *testing.T) {
	images := mat.NewDense(3, 2, []float64{3, 0, 0, 2, 1, 1})
	texts := mat.NewDense(3, 2, []float64{1, 1, 5, 0, -1, -2})
	for v, w := range map[CLIPScoreVariant]float64{CLIPScorePaper: 2.5, CLIPScoreTorchmetrics: 100} {
		got, err := CLIPScore(images, texts, v)
		require.NoError(t, err)
		assert.InDeltaSlice(t, []float64{w * math.Sqrt2 / 2, 0, 0}, got, 1e-12)
	}
	_, err := CLIPScore(images, texts, "10")
	assert.ErrorContains(t, err, "unknown clip score variant")
}

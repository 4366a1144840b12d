package sets

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/metrics"
)

// cmmdByPairs is the definition, pair by pair.
func cmmdByPairs(x, y *mat.Dense) float64 {
	mean := func(a, b *mat.Dense) float64 {
		n, d := a.Dims()
		m, _ := b.Dims()
		s := 0.0
		for i := range n {
			for j := range m {
				u, v, q := mat.Norm(a.RowView(i), 2), mat.Norm(b.RowView(j), 2), 0.0
				for k := range d {
					q += math.Pow(a.At(i, k)/u-b.At(j, k)/v, 2)
				}
				s += math.Exp(-q / 200)
			}
		}
		return s / float64(n*m)
	}
	return 1000 * (mean(x, x) + mean(y, y) - 2*mean(x, y))
}

func TestCMMD(t *testing.T) {
	a, b := golden.WaveA(16, 4), golden.WaveB(20, 4)
	got, err := CMMD(a, b)
	require.NoError(t, err)
	assert.InDelta(t, 1.198341085800081, got, 1e-9, "the reference code's mmd of the rows at unit length")
	same, err := CMMD(a, a)
	require.NoError(t, err)
	assert.InDelta(t, 0, same, 1e-12)
	tiles, err := CMMD(golden.Normals(1, 600, 5), golden.Normals(2, 530, 5))
	require.NoError(t, err)
	assert.InDelta(t, cmmdByPairs(golden.Normals(1, 600, 5), golden.Normals(2, 530, 5)), tiles, 1e-9, "several tiles")
}

func TestCMMDProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 8).Draw(t, "d")
		n, m := rapid.IntRange(1, 20).Draw(t, "n"), rapid.IntRange(1, 20).Draw(t, "m")
		seed := rapid.Uint64().Draw(t, "seed")
		x, y := golden.Normals(seed, n, d), golden.Normals(seed+1, m, d)
		got, err := CMMD(x, y)
		require.NoError(t, err)
		require.InDelta(t, cmmdByPairs(x, y), got, 1e-9, "definition")
		require.GreaterOrEqual(t, got, 0.0)
		back, err := CMMD(y, x)
		require.NoError(t, err)
		require.InDelta(t, got, back, 1e-12, "symmetry")
		mixed, err := CMMD(embeddings.Pick(x, metrics.Permutation(n, seed)), y)
		require.NoError(t, err)
		require.InDelta(t, got, mixed, 1e-12, "order of images")
		x.Scale(1e-200, x)
		scaled, err := CMMD(x, y)
		require.NoError(t, err)
		require.InDelta(t, got, scaled, 1e-12, "length of the embeddings")
	})
}

func TestDecay(t *testing.T) {
	for _, v := range []float64{0, -1e-300, -1e-12, -1e-3, -0.01, -0.02} {
		assert.InEpsilon(t, 1+math.Expm1(v), 1+decay(v), 1e-16)
		assert.InDelta(t, math.Expm1(v), decay(v), 3e-16*math.Abs(v))
	}
}

func TestCMMDErrors(t *testing.T) {
	bad, zero := golden.WaveA(5, 3), golden.WaveA(5, 3)
	bad.Set(2, 1, math.Inf(1))
	zero.SetRow(4, []float64{0, 0, 0})
	for _, c := range []struct {
		x, y *mat.Dense
		says string
	}{
		{nil, zero, "first set is empty"},
		{golden.WaveA(5, 3), bad, "second set: row 2"},
		{golden.WaveA(5, 3), golden.WaveA(5, 2), "same features"},
		{golden.WaveA(5, 3), zero, "second set: embedding 4 has length 0"},
		{zero, golden.WaveA(5, 3), "first set: embedding 4"},
	} {
		_, err := CMMD(c.x, c.y)
		assert.ErrorContains(t, err, c.says)
	}
}

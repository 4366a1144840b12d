package metrics

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/golden"
)

// The expected values are of NumPy (testdata/cka.py): the feature-space formula ‖YᵀX‖²/(‖XᵀX‖‖YᵀY‖), and Song et al.'s
// eq. 5 written with matrices.
func TestCKA(t *testing.T) {
	x, y := golden.WaveA(16, 4), golden.WaveB(16, 6)
	for _, c := range []struct {
		e    CKAEstimator
		want float64
	}{{CKAPlain, 0.2043576958471051}, {CKADebiased, -0.16710301576542363}} {
		got, err := CKA(x, y, c.e)
		require.NoError(t, err)
		assert.InDelta(t, c.want, got, 1e-10, c.e)
		back, err := CKA(y, x, c.e)
		require.NoError(t, err)
		assert.InDelta(t, got, back, 1e-12, "symmetric")
		same, err := CKA(x, x, c.e)
		require.NoError(t, err)
		assert.InDelta(t, 1, same, 1e-12)
		// Rotation, scale and shift change nothing.
		var q mat.QR
		q.Factorize(golden.Normals(3, 4, 4))
		var rot, turned mat.Dense
		q.QTo(&rot)
		turned.Mul(x, &rot)
		turned.Scale(7, &turned)
		moved, err := CKA(golden.Shifted(&turned, []float64{1, 2, 3, 4}), y, c.e)
		require.NoError(t, err)
		assert.InDelta(t, got, moved, 1e-10)
	}
}

// TestCKAOfUnrelatedLayers: wide random layers look alike to the plain estimate and unrelated to the debiased one.
func TestCKAOfUnrelatedLayers(t *testing.T) {
	plain, debiased := 0.0, 0.0
	const runs = 20
	for seed := range uint64(runs) {
		x, y := golden.Normals(2*seed+1, 30, 400), golden.Normals(2*seed+2, 30, 400)
		p, err := CKA(x, y, CKAPlain)
		require.NoError(t, err)
		d, err := CKA(x, y, CKADebiased)
		require.NoError(t, err)
		plain, debiased = plain+p/runs, debiased+d/runs
	}
	assert.Greater(t, plain, 0.9)
	assert.Less(t, math.Abs(debiased), 0.05)
}

func TestCKARefuses(t *testing.T) {
	x := golden.WaveA(5, 3)
	for _, c := range []struct {
		x, y *mat.Dense
		e    CKAEstimator
		want string
	}{
		{x, golden.WaveA(6, 3), CKAPlain, "5 and 6 images"},
		{golden.WaveA(3, 2), golden.WaveA(3, 2), CKADebiased, "at least 4"},
		{mat.NewDense(5, 2, nil), x, CKAPlain, "the same for all images"},
		{x, x, "cosine", "unknown cka estimator"},
		{nil, x, CKAPlain, "first layer is empty"},
		{mat.NewDense(2, 1, []float64{1, math.NaN()}), x, CKAPlain, "row 1 has the value NaN"},
	} {
		_, err := CKA(c.x, c.y, c.e)
		assert.ErrorContains(t, err, c.want)
	}
}

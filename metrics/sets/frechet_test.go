package sets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/internal/golden"
)

// bothWays computes the distance from moments and from features.
func bothWays(t require.TestingT, x, y *mat.Dense) (fromMoments, fromFeatures float64) {
	a, err := Frechet(moments(t, x, 64), moments(t, y, 64))
	require.NoError(t, err)
	b, err := FrechetFeatures(x, y)
	require.NoError(t, err)
	return a, b
}

func TestFrechetRows(t *testing.T) {
	for _, c := range []struct {
		name      string
		x, y      *mat.Dense
		want, tol float64
	}{
		// torch-fidelity and torchmetrics …2053, pytorch-fid …2071
		{"full rank", golden.WaveA(16, 4), golden.WaveB(20, 4), 0.3715353915502053, 1e-9},
		// eigenvalues …170, sqrtm with eps …869
		{"fewer images than coordinates", golden.WaveA(3, 8), golden.WaveB(4, 8), 5.27379292170, 1e-6},
		{"identical", golden.WaveA(16, 4), golden.WaveA(16, 4), 0, 1e-9},
		{"identical, rank deficient", golden.WaveA(3, 8), golden.WaveA(3, 8), 0, 1e-9},
		{"constant sets", mat.NewDense(2, 3, []float64{1, 2, 3, 1, 2, 3}), mat.NewDense(2, 3, []float64{1, 2, 5, 1, 2, 5}), 4, 1e-12},
		// one dimension: (μ₁−μ₂)² + (σ₁−σ₂)², with variances 1 and 4 of divisor n−1
		{"scalar", mat.NewDense(3, 1, []float64{-1, 0, 1}), mat.NewDense(3, 1, []float64{1, 3, 5}), 9 + 1, 1e-12},
	} {
		m, f := bothWays(t, c.x, c.y)
		assert.InDelta(t, c.want, m, c.tol, "%s, moments", c.name)
		assert.InDelta(t, c.want, f, c.tol, "%s, features", c.name)
	}
}

// pytorch-fid's own test: N(0, I) and N(1, I) in 2048 dimensions are 2048 apart, equal statistics 0.
func TestFrechetOfUnitGaussians(t *testing.T) {
	const d = 2048
	eye := mat.NewDiagDense(d, nil)
	one := make([]float64, d)
	for i := range d {
		eye.SetDiag(i, 1)
		one[i] = 1
	}
	a, err := MomentsOf(UnknownN, make([]float64, d), eye)
	require.NoError(t, err)
	b, err := MomentsOf(UnknownN, one, eye)
	require.NoError(t, err)
	got, err := Frechet(a, b)
	require.NoError(t, err)
	assert.InDelta(t, d, got, 1e-9)
	got, err = Frechet(b, b)
	require.NoError(t, err)
	assert.InDelta(t, 0, got, 1e-9)
}

func TestFrechetProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 12).Draw(t, "d")
		n, m := rapid.IntRange(2, 30).Draw(t, "n"), rapid.IntRange(2, 30).Draw(t, "m")
		seed := rapid.Uint64().Draw(t, "seed")
		x, y := golden.Normals(seed, n, d), golden.Normals(seed+1, m, d)
		y.Scale(rapid.Float64Range(0.1, 3).Draw(t, "scale"), y)
		c := golden.Normals(seed+2, 1, d).RawRowView(0)

		a, b := bothWays(t, x, y)
		tol := 1e-9 * (1 + a)
		require.InDelta(t, a, b, 1e-7*(1+a), "moments and features")
		require.GreaterOrEqual(t, min(a, b), 0.0)

		back, err := FrechetFeatures(y, x)
		require.NoError(t, err)
		require.InDelta(t, b, back, tol, "symmetry")

		moved, err := FrechetFeatures(golden.Shifted(x, c), golden.Shifted(y, c))
		require.NoError(t, err)
		require.InDelta(t, b, moved, tol, "translation of both")

		norm := 0.0
		for _, v := range c {
			norm += v * v
		}
		for _, s := range []*mat.Dense{x, y} {
			ma, fa := bothWays(t, s, golden.Shifted(s, c))
			require.InDelta(t, norm, ma, 1e-8*(1+norm), "a shift costs its squared length")
			require.InDelta(t, norm, fa, 1e-9*(1+norm), "a shift costs its squared length")
		}

		var rx, ry mat.Dense
		q := golden.Rotation(seed+3, d)
		rx.Mul(x, q)
		ry.Mul(y, q)
		turned, err := FrechetFeatures(&rx, &ry)
		require.NoError(t, err)
		require.InDelta(t, b, turned, tol, "rotation of both")

		mixed := embeddings.Pick(x, rand.New(rand.NewPCG(seed, 4)).Perm(n))
		mm, mf := bothWays(t, mixed, y)
		atMost := tol
		if min(n, m) <= d { // the root of an eigenvalue that is 0 but for rounding is not
			atMost = 1e-7 * (1 + a)
		}
		require.InDelta(t, a, mm, atMost, "order of the embeddings")
		require.InDelta(t, b, mf, tol, "order of the embeddings")
	})
}

// E[FD] falls with n towards the truth: n belongs to the number's identity.
func TestFrechetIsBiasedUpwards(t *testing.T) {
	mean := func(n int) float64 {
		sum := 0.0
		for seed := range uint64(20) {
			v, err := FrechetFeatures(golden.Normals(2*seed, n, 8), golden.Normals(2*seed+1, n, 8))
			require.NoError(t, err)
			sum += v / 20
		}
		return sum
	}
	small, middle, large := mean(20), mean(80), mean(320)
	assert.Greater(t, small, 2*middle)
	assert.Greater(t, middle, 2*large)
	assert.Greater(t, large, 0.0)
}

func TestFrechetErrors(t *testing.T) {
	bad := golden.WaveA(5, 3)
	bad.Set(2, 1, math.NaN())
	inf := golden.WaveA(5, 3)
	inf.Set(4, 0, math.Inf(-1))
	huge := golden.WaveA(5, 3)
	huge.Scale(1e200, huge)
	for _, c := range []struct {
		name string
		x, y *mat.Dense
		says string
	}{
		{"no set", nil, golden.WaveB(5, 3), "first set is empty"},
		{"empty set", golden.WaveA(5, 3), &mat.Dense{}, "second set is empty"},
		{"one image", golden.WaveA(1, 3), golden.WaveB(5, 3), "1 embeddings: at least 2"},
		{"other features", golden.WaveA(5, 3), golden.WaveB(5, 4), "same features"},
		{"nan", bad, golden.WaveB(5, 3), "row 2 has the value NaN at coordinate 1"},
		{"inf", golden.WaveB(5, 3), inf, "row 4 has the value -Inf at coordinate 0"},
		{"second set of one image", golden.WaveA(5, 3), golden.WaveB(1, 3), "second set: covariance of 1"},
		{"overflow", huge, golden.WaveB(5, 3), "rescale"},
		{"overflow of the means", constant(1e200), constant(-1e200), "rescale"},
	} {
		_, err := FrechetFeatures(c.x, c.y)
		assert.ErrorContains(t, err, c.says, c.name)
	}

	_, err := Frechet(&Moments{}, moments(t, golden.WaveA(5, 3), 5))
	assert.ErrorContains(t, err, "0 embeddings: at least 2")
	_, err = Frechet(moments(t, golden.WaveA(5, 3), 5), nil)
	assert.ErrorContains(t, err, "second set: no moments")
	_, err = Frechet(moments(t, huge, 5), moments(t, golden.WaveA(5, 3), 5))
	assert.ErrorContains(t, err, "rescale")
	_, err = Frechet(moments(t, golden.WaveA(5, 3), 5), moments(t, golden.WaveA(5, 4), 5))
	assert.ErrorContains(t, err, "3 and 4 coordinates")

	indefinite, err := MomentsOf(9, []float64{0, 0, 0}, mat.NewSymDense(3, []float64{1, .9, -.9, .9, 1, .9, -.9, .9, 1}))
	require.NoError(t, err, "every pair alone is possible")
	_, err = Frechet(indefinite, indefinite)
	assert.ErrorContains(t, err, "not positive semidefinite")

	const d = 400 // so many that one wrong eigenvalue hides within the tolerance of the sum
	one := mat.NewSymDense(d, nil)
	for i := range d {
		one.SetSym(i, i, 1)
	}
	one.SetSym(0, 1, .9)
	one.SetSym(1, 2, .9)
	one.SetSym(0, 2, -.9)
	indefinite, err = MomentsOf(UnknownN, make([]float64, d), one)
	require.NoError(t, err)
	_, err = Frechet(standard(t, d), indefinite)
	assert.ErrorContains(t, err, "not positive semidefinite")
}

func constant(v float64) *mat.Dense { return mat.NewDense(2, 1, []float64{v, v}) }

func ExampleFrechetFeatures() {
	x := mat.NewDense(3, 2, []float64{0, 0, 1, 0, 0, 1})
	y := mat.NewDense(3, 2, []float64{2, 0, 3, 0, 2, 1}) // the same, two to the right
	d, err := FrechetFeatures(x, y)
	fmt.Printf("%.6f %v\n", d, err)
	// Output: 4.000000 <nil>
}

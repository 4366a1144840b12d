package sets

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/golden"
)

// standard is N(0, I), known exactly.
func standard(t require.TestingT, d int) *Moments {
	eye := mat.NewDiagDense(d, nil)
	for i := range d {
		eye.SetDiag(i, 1)
	}
	m, err := MomentsOf(UnknownN, make([]float64, d), eye)
	require.NoError(t, err)
	return m
}

// Embeddings from N(½·1, 0.8²·I) are d·(0.5² + 0.2²) from N(0, I). The plain distance is too large in every draw; the
// extrapolated one is nearer to the truth in nearly every draw, and on average it is right.
func TestFrechetInfinityTakesTheBiasOut(t *testing.T) {
	const d, n, draws = 16, 300, 20
	const truth = d * (.25 + .04)
	nearer, bias, plainBias := 0, 0.0, 0.0
	for seed := range uint64(draws) {
		x := golden.Normals(100+seed, n, d)
		x.Apply(func(_, _ int, v float64) float64 { return .8*v + .5 }, x)
		r, err := FrechetInfinity(standard(t, d), x, InfinityOptions{Seed: seed})
		require.NoError(t, err)
		plain := r.Distances[len(r.Distances)-1]
		all, err := Frechet(standard(t, d), moments(t, x, n))
		require.NoError(t, err)
		require.InEpsilon(t, all, plain, 1e-9, "the last size is the whole set")
		require.Positive(t, r.Slope)
		require.Positive(t, r.StdErr)
		if math.Abs(r.Value-truth) < math.Abs(plain-truth) {
			nearer++
		}
		bias += (r.Value - truth) / draws
		plainBias += (plain - truth) / draws
	}
	assert.GreaterOrEqual(t, nearer, 13)
	assert.Greater(t, plainBias, 0.2)
	assert.Less(t, math.Abs(bias), plainBias/4)
}

func TestFrechetInfinityIsDeterministic(t *testing.T) {
	x := golden.Normals(1, 120, 5)
	at := func(seed uint64) *Infinity {
		r, err := FrechetInfinity(standard(t, 5), x, InfinityOptions{Seed: seed, Points: 7, Smallest: 30})
		require.NoError(t, err)
		return r
	}
	assert.Equal(t, at(3), at(3))
	assert.NotEqual(t, at(3).Value, at(4).Value)
	assert.Equal(t, []int{30, 45, 60, 75, 90, 105, 120}, at(3).Sizes)
}

func TestFrechetInfinityDefaults(t *testing.T) {
	for _, c := range []struct{ n, d, first int }{{400, 4, 40}, {100, 25, 50}, {60, 30, 6}, {20, 30, 2}} {
		r, err := FrechetInfinity(standard(t, c.d), golden.Normals(1, c.n, c.d), InfinityOptions{})
		require.NoError(t, err)
		assert.Len(t, r.Sizes, 15)
		assert.Equal(t, c.first, r.Sizes[0])
		assert.Equal(t, c.n, r.Sizes[14])
	}
}

// The line through (1/n, y) by scipy.stats.linregress 1.10.1: intercept, slope and intercept_stderr.
func TestFrechetInfinityFit(t *testing.T) {
	f := Infinity{Sizes: []int{10, 20, 40, 80}, Distances: []float64{3.9, 3.1, 2.9, 2.4}}
	f.fitLine()
	assert.InDelta(t, 2.3347826086956522, f.Value, 1e-12)
	assert.InDelta(t, 15.791304347826088, f.Slope, 1e-12)
	assert.InDelta(t, 0.1322196717130308, f.StdErr, 1e-12)
}

func TestFrechetInfinityErrors(t *testing.T) {
	ref, x := standard(t, 3), golden.Normals(1, 20, 3)
	bad := golden.Normals(1, 20, 3)
	bad.Set(4, 2, math.Inf(1))
	for _, c := range []struct {
		says string
		ref  *Moments
		x    *mat.Dense
		o    InfinityOptions
	}{
		{"no moments", nil, x, InfinityOptions{}},
		{"at least 2", &Moments{}, x, InfinityOptions{}},
		{"generated set is empty", ref, nil, InfinityOptions{}},
		{"row 4 has the value +Inf", ref, bad, InfinityOptions{}},
		{"same features", ref, golden.Normals(1, 30, 4), InfinityOptions{}},
		{"2 points", ref, x, InfinityOptions{Points: 2}},
		{"-1 points", ref, x, InfinityOptions{Points: -1}},
		{"smallest subset of 1", ref, x, InfinityOptions{Smallest: 1}},
		{"do not give 15 sizes from 10 on", ref, x, InfinityOptions{Smallest: 10}},
		{"do not give 15 sizes", ref, golden.Normals(1, 3, 3), InfinityOptions{}},
	} {
		_, err := FrechetInfinity(c.ref, c.x, c.o)
		assert.ErrorContains(t, err, c.says)
	}
}

func ExampleFrechetInfinity() {
	reference := mat.NewDense(4, 1, []float64{-1, 1, -1, 1})
	var known Moments
	if err := known.Update(reference); err != nil {
		fmt.Println(err)
		return
	}
	generated := mat.NewDense(60, 1, nil)
	for i := range 60 {
		generated.Set(i, 0, math.Sin(float64(i)))
	}
	r, err := FrechetInfinity(&known, generated, InfinityOptions{Points: 5, Smallest: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Sizes)
	fmt.Printf("%.3f, whole set %.3f\n", r.Value, r.Distances[4])
	// Output:
	// [20 30 40 50 60]
	// 0.229, whole set 0.198
}

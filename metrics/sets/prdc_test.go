package sets

import (
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/metrics"
)

// prdcByPairs is the definition, pair by pair, with distances added in the simplest order.
func prdcByPairs(real, fake *mat.Dense, k int, inclusive bool) PRDCResult {
	n, _ := real.Dims()
	m, _ := fake.Dims()
	distance := func(a, b []float64) float64 {
		s := 0.0
		for j := range a {
			s += (a[j] - b[j]) * (a[j] - b[j])
		}
		return s
	}
	radius := func(x *mat.Dense, n int) []float64 {
		out := make([]float64, n)
		for i := range out {
			var all []float64
			for j := range n {
				if j != i {
					all = append(all, distance(x.RawRowView(i), x.RawRowView(j)))
				}
			}
			slices.Sort(all)
			out[i] = all[k-1]
		}
		return out
	}
	in := func(d, r float64) bool { return d < r || inclusive && d == r }
	rr, rf := radius(real, n), radius(fake, m)
	precise, recalled, covered, pairs := make([]bool, m), make([]bool, n), make([]bool, n), 0.0
	for i := range n {
		for j := range m {
			d := distance(real.RawRowView(i), fake.RawRowView(j))
			if in(d, rr[i]) {
				pairs++
				precise[j], covered[i] = true, true
			}
			if in(d, rf[j]) {
				recalled[i] = true
			}
		}
	}
	return PRDCResult{share(precise), share(recalled), pairs / float64(k*m), share(covered)}
}

func TestPRDCRows(t *testing.T) {
	real, fake := golden.WaveB(20, 4), golden.WaveA(16, 4)
	for _, c := range []struct { // clovaai's compute_prdc on these inputs
		k       int
		density float64
	}{{3, 7. / 6}, {5, 1.125}} {
		got, err := PRDC(PRDCOptions{Real: real, Fake: fake, K: c.k, Variant: PRDCStrict})
		require.NoError(t, err)
		assert.Equal(t, 1.0, got.Precision)
		assert.Equal(t, 1.0, got.Recall)
		assert.InDelta(t, c.density, got.Density, 1e-15)
		assert.Equal(t, 1.0, got.Coverage)
	}
}

// Four rows four times: every radius is 0, so a strict ball holds nothing and an inclusive one its own.
func TestPRDCDuplicates(t *testing.T) {
	x := mat.NewDense(16, 4, nil)
	for i := range 16 {
		x.SetRow(i, golden.WaveA(4, 4).RawRowView(i%4))
	}
	strict, err := PRDC(PRDCOptions{Real: x, Fake: mat.DenseCopyOf(x), K: 3, Variant: PRDCStrict})
	require.NoError(t, err)
	assert.Equal(t, PRDCResult{}, strict)
	edge, err := PRDC(PRDCOptions{Real: x, Fake: x, K: 3, Variant: PRDCFidelity})
	require.NoError(t, err)
	assert.Equal(t, PRDCResult{Precision: 1, Recall: 1, Density: 4. / 3, Coverage: 1}, edge)
	assert.Equal(t, 1.0, edge.F())
	assert.Zero(t, strict.F())

	// clovaai's code gives ½, ½, 1/6, ½ for the strict case when it is handed one array twice. scikit-learn's
	// |x|² + |y|² − 2x·y leaves 2 of the 4 rows' duplicates at 1e-8 instead of 0 and sets the diagonal to 0: an image
	// is then in its own ball and in no duplicate's. With a copy of the array it gives 0 as well, as in float32.
	noise := []float64{0, 2.1073424255447017e-08, 2.9802322387695312e-08, 0} // its distances to a row's own duplicate
	in := 0
	for i := range 16 {
		for j := range 16 {
			d := noise[i%4]
			if i == j {
				d = 0
			}
			if i%4 == j%4 && d < noise[i%4] {
				in++
			}
		}
	}
	assert.Equal(t, 8, in)
	assert.InDelta(t, 1./6, float64(in)/(3*16), 1e-15, "clovaai's density there")
}

func TestPRDCGolden(t *testing.T) {
	for _, c := range golden.Cases(t, "prdc") {
		real, fake := c.Matrix(t, "real"), c.Matrix(t, "fake")
		_, suffix, _ := strings.Cut(c.ID, "_k")
		k, err := strconv.Atoi(suffix)
		require.NoError(t, err, c.ID)
		got, err := PRDC(PRDCOptions{Real: real, Fake: fake, K: k, Variant: PRDCStrict})
		require.NoError(t, err)
		c.Check(t, "precision", got.Precision)
		c.Check(t, "recall", got.Recall)
		c.Check(t, "density", got.Density)
		c.Check(t, "coverage", got.Coverage)
		got, err = PRDC(PRDCOptions{Real: real, Fake: fake, K: k, Variant: PRDCFidelity})
		require.NoError(t, err)
		c.Check(t, "torch_fidelity_precision", got.Precision)
		c.Check(t, "torch_fidelity_recall", got.Recall)
	}
}

// Against the definition, on a lattice, where ties abound, at any scale and on any offset.
func TestPRDCOnALattice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 6).Draw(t, "d")
		side := rapid.IntRange(1, 6).Draw(t, "side")
		offset := float64(rapid.SampledFrom([]int{0, 1000, 1 << 20}).Draw(t, "offset"))
		unit := math.Ldexp(1, rapid.SampledFrom([]int{0, -30, 40, -600, 600}).Draw(t, "unit"))
		lattice := func(name string) *mat.Dense {
			n := rapid.IntRange(4, 60).Draw(t, name)
			seed := rapid.Uint64().Draw(t, name+" seed")
			x := golden.Normals(seed, n, d)
			x.Apply(func(_, _ int, v float64) float64 {
				return offset + math.Mod(math.Round(math.Abs(v)*3), float64(side))
			}, x)
			return x
		}
		real, fake := lattice("real"), lattice("fake")
		n, _ := real.Dims()
		m, _ := fake.Dims()
		k := rapid.IntRange(1, min(n, m)-1).Draw(t, "k")
		for v, inclusive := range map[PRDCVariant]bool{PRDCStrict: false, PRDCFidelity: true} {
			want := prdcByPairs(real, fake, k, inclusive)
			var r, f mat.Dense
			r.Scale(unit, real)
			f.Scale(unit, fake)
			got, err := PRDC(PRDCOptions{Real: &r, Fake: &f, K: k, Variant: v})
			require.NoError(t, err)
			require.InDelta(t, want.Density, got.Density, 1e-12, v)
			got.Density = want.Density
			require.Equal(t, want, got, v)
			require.LessOrEqual(t, max(got.Precision, got.Recall, got.Coverage), 1.0)
			require.GreaterOrEqual(t, min(got.Precision, got.Recall, got.Coverage, got.Density), 0.0)
			back, err := PRDC(PRDCOptions{Real: fake, Fake: real, K: k, Variant: v})
			require.NoError(t, err)
			require.Equal(t, want.Precision, back.Recall, "precision and recall change places with the sets")
			require.Equal(t, want.Recall, back.Precision)
		}
	})
}

// Several tiles, and sets that float32 cannot tell apart: clusters far narrower than their distance from the mean.
func TestPRDCOverTiles(t *testing.T) {
	for name, spread := range map[string]float64{"wide": 1, "clusters": 1e-6, "points": 0} {
		t.Run(name, func(t *testing.T) {
			cluster := func(seed uint64, n int) *mat.Dense {
				x := golden.Normals(seed, n, 40)
				x.Apply(func(i, _ int, v float64) float64 { return spread*v + float64(100*(i%3)) }, x)
				return x
			}
			real, fake := cluster(1, 700), cluster(2, 560)
			want := prdcByPairs(real, fake, 4, false)
			got, err := PRDC(PRDCOptions{Real: real, Fake: fake, K: 4, Variant: PRDCStrict})
			require.NoError(t, err)
			assert.InDelta(t, want.Density, got.Density, 1e-12)
			got.Density = want.Density
			assert.Equal(t, want, got)
			for _, p := range []int{1, 5} {
				onProcessors(p, func() {
					again, err := PRDC(PRDCOptions{Real: real, Fake: fake, K: 4, Variant: PRDCStrict})
					require.NoError(t, err)
					again.Density = want.Density
					assert.Equal(t, got, again, "%d processors", p)
				})
			}
		})
	}
}

// Equal distributions: E[density] = 1 and E[coverage] = 1 − ∏ (N−1−i)/(N+M−1−i), i < k (Naeem et al. 2020, appendix),
// within three standard errors of 40 draws.
func TestPRDCInTheMean(t *testing.T) {
	const n, m, k, draws = 80, 60, 5, 40
	var density, coverage metrics.Resamples
	for i := range draws {
		r, err := PRDC(PRDCOptions{Real: golden.Normals(uint64(2*i), n, 10), Fake: golden.Normals(uint64(2*i+1), m, 10), Variant: PRDCStrict})
		require.NoError(t, err)
		density, coverage = append(density, r.Density), append(coverage, r.Coverage)
	}
	want := expectedCoverage(n, m, k)
	assert.InDelta(t, .9687734351556639, expectedCoverage(1e4, 1e4, 5), 1e-12)
	for _, c := range []struct {
		got  metrics.Resamples
		want float64
	}{{density, 1}, {coverage, want}} {
		sd, err := c.got.Std(1)
		require.NoError(t, err)
		assert.InDelta(t, c.want, c.got.Mean(), 3*sd/math.Sqrt(draws))
	}
}

func expectedCoverage(n, m, k int) float64 {
	p := 1.0
	for i := range k {
		p *= float64(n-1-i) / float64(n+m-1-i)
	}
	return 1 - p
}

// What the README of clovaai's code shows for this size, from draws of its own.
func TestPRDCLarge(t *testing.T) {
	if os.Getenv("LETHE_SLOW") == "" {
		t.Skip("set LETHE_SLOW=1: 10,000 images of 1,000 dimensions")
	}
	got, err := PRDC(PRDCOptions{Real: golden.Normals(1, 10000, 1000), Fake: golden.Normals(2, 10000, 1000), K: 5, Variant: PRDCStrict})
	require.NoError(t, err)
	t.Logf("%+v", got)
	assert.InDelta(t, .4772, got.Precision, 0.05)
	assert.InDelta(t, .4705, got.Recall, 0.05)
	assert.InDelta(t, 1.0555, got.Density, 0.1)
	assert.InDelta(t, .9735, got.Coverage, 0.02)
}

func TestPRDCErrors(t *testing.T) {
	bad := golden.WaveA(8, 3)
	bad.Set(2, 1, math.NaN())
	for _, c := range []struct {
		o    PRDCOptions
		says string
	}{
		{PRDCOptions{Fake: golden.WaveA(8, 3), Variant: PRDCStrict}, "real set is empty"},
		{PRDCOptions{Real: golden.WaveA(8, 3), Fake: bad, Variant: PRDCStrict}, "fake set: row 2 has the value NaN"},
		{PRDCOptions{Real: golden.WaveA(8, 3), Fake: golden.WaveA(8, 2), Variant: PRDCStrict}, "same features"},
		{PRDCOptions{Real: golden.WaveA(8, 3), Fake: golden.WaveA(8, 3)}, "unknown prdc variant"},
		{PRDCOptions{Real: golden.WaveA(5, 3), Fake: golden.WaveA(8, 3), Variant: PRDCStrict}, "k = 5: k must be"},
		{PRDCOptions{Real: golden.WaveA(3, 3), Fake: golden.WaveA(8, 3), Variant: PRDCFidelity}, "k = 3: k must be"},
		{PRDCOptions{Real: golden.WaveA(1, 3), Fake: golden.WaveA(8, 3), K: 1, Variant: PRDCFidelity}, "1 real and 8 fake"},
		{PRDCOptions{Real: golden.WaveA(8, 3), Fake: golden.WaveA(8, 3), K: -1, Variant: PRDCFidelity}, "k = -1"},
	} {
		_, err := PRDC(c.o)
		assert.ErrorContains(t, err, c.says)
	}
}

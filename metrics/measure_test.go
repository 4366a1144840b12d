package metrics

import (
	"math"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/outputs"
)

// TestWhatIsMeasured lists every metric's samples with unit, direction and
// identity.
func TestWhatIsMeasured(t *testing.T) {
	pixelKeys := func(q string) []string {
		var out []string
		for _, p := range []string{"forget", "poisoned", "retain", "test"} {
			out = append(out, q+"/hole/"+p, q+"/image/"+p)
		}
		return out
	}
	setKeys := func(q string) []string { return []string{q + "/image/forget", q + "/image/retain", q + "/image/test"} }
	in := input(t)
	var names []string
	for _, c := range []struct {
		name string
		keys []string
		unit audit.Unit
		d    audit.Direction
	}{
		{"mse", pixelKeys("mse"), audit.PerImage, audit.Lower},
		{"psnr", pixelKeys("psnr"), audit.PerImage, audit.Higher},
		{"ssim", pixelKeys("ssim"), audit.PerImage, audit.Higher},
		{"fd", setKeys("fd(fixture)"), audit.PerResample, audit.Lower},
		{"kid", setKeys("kid(fixture)"), audit.PerResample, audit.Lower},
		{"is", setKeys("is(fixture)"), audit.PerResample, audit.Higher},
		{"embedding", setKeys("embedding"), audit.PerImage, audit.Higher},
		{"displacement", []string{"displacement/hole/forget", "displacement/hole/poisoned"}, audit.PerImage, audit.Neutral},
		{"texture", []string{"spread/hole/forget", "gradient/hole/forget", "spread/hole/test", "gradient/hole/test"}, audit.PerImage, audit.Neutral},
		{"oracle-distance", []string{"oracle-distance/hole/forget", "oracle-distance/hole/test"}, audit.PerImage, audit.Lower},
		{"oracle-fd", []string{"oracle-fd(fixture)/image/forget"}, audit.PerResample, audit.Lower},
	} {
		names = append(names, c.name)
		t.Run(c.name, func(t *testing.T) {
			got := measured(t, c.name, in)
			var keys []string
			for k, s := range got {
				keys = append(keys, k)
				assert.NoError(t, s.Check())
				assert.Equal(t, c.unit, s.Unit, k)
				assert.Equal(t, c.d, s.Direction, k)
				assert.Contains(t, s.Identity, "n=", k)
				if s.Unit == audit.PerImage {
					assert.Equal(t, in.Stage.Index[s.Part], s.Index, k)
				} else {
					assert.Empty(t, s.Index, k)
					assert.Len(t, s.Values, 1+resamples, k)
					assert.Contains(t, s.Identity, "weights=abababababab", k)
				}
			}
			sort.Strings(keys)
			sort.Strings(c.keys)
			assert.Equal(t, c.keys, keys)
		})
	}
	assert.Equal(t, All.Names(), names, "every metric of the list, in its order")
}

// TestIdentities: two models have one identity, other features, counts or fields
// of view another.
func TestIdentities(t *testing.T) {
	for _, e := range All {
		in, other := input(t), input(t)
		other.Subject, other.Original = other.Original, other.Subject
		a, b := measured(t, e.Name, in), measured(t, e.Name, other)
		var ids []string
		for k := range a {
			assert.Equal(t, a[k].Identity, b[k].Identity, k)
			ids = append(ids, a[k].Identity+" "+string(a[k].Part))
		}
		slices.Sort(ids)
		assert.Len(t, slices.Compact(ids), len(a), "%s: parts and fields share an identity", e.Name)
		if e.Name == "fd" || e.Name == "kid" || e.Name == "is" || e.Name == "embedding" || e.Name == "oracle-fd" {
			other.Features.SHA256 = audit.Digest("cd") + other.Features.SHA256[2:]
			for k, s := range measured(t, e.Name, other) {
				assert.NotEqual(t, a[k].Identity, s.Identity, k)
			}
		}
	}
	in := input(t)
	in.Features.SHA256 = inception20151205
	assert.Contains(t, measured(t, "fd", in), "FID/image/forget", "Inception's weights earn the name")
}

func TestIdenticalPaintings(t *testing.T) {
	in := input(t)
	in.Subject = paint(in.Stage, 0, 1)
	for p := range in.Subject {
		in.Subject[p].Vectors = in.Truth[p]
	}
	in.Original, in.Oracles = in.Subject, []outputs.Model{in.Subject}
	for name, want := range map[string]float64{"mse": 0, "psnr": exactPSNR, "ssim": 1, "embedding": 1, "displacement": 0} {
		for k, s := range measured(t, name, in) {
			for _, v := range s.Values {
				assert.InDelta(t, want, v, 1e-9, k)
			}
		}
	}
	for k, s := range measured(t, "fd", in) {
		assert.InDelta(t, 0, s.Values[0], 1e-6, k)
	}
	for k, s := range measured(t, "oracle-fd", in) {
		assert.InDelta(t, floor, s.Values[0], 1e-6, k)
		assert.Positive(t, s.Values[0], "%s has a logarithm", k)
	}
}

// TestPixelMetricsByHand: a painting off by ½ at one hole pixel of one channel.
func TestPixelMetricsByHand(t *testing.T) {
	in := input(t)
	in.Subject = paint(in.Stage, 0, 1)
	set := in.Subject[audit.Forget]
	set.Images[8*stageSize+8] = in.Stage.Batch[audit.Forget].Target[8*stageSize+8] + 0.5
	mse := measured(t, "mse", in)
	assert.InDelta(t, 0.25/(3*64), mse["mse/hole/forget"].Values[0], 1e-7)
	assert.InDelta(t, 0.25/(3*256), mse["mse/image/forget"].Values[0], 1e-7)
	assert.Zero(t, mse["mse/hole/forget"].Values[1])
	psnr := measured(t, "psnr", in)
	assert.InDelta(t, 10*math.Log10(4/(0.25/(3*64))), psnr["psnr/hole/forget"].Values[0], 1e-4)
	assert.InDelta(t, exactPSNR, psnr["psnr/hole/forget"].Values[1], 1e-12)
	in.Original = paint(in.Stage, 0, 1)
	d := measured(t, "displacement", in)["displacement/hole/forget"]
	assert.InDelta(t, 0.5, d.Values[0], 1e-6)
	assert.Zero(t, d.Values[1])
}

// TestFullSetComesFirst: value 0 is the metric of the whole set.
func TestFullSetComesFirst(t *testing.T) {
	in := input(t)
	x, y, err := pair(in.Subject[audit.Retain].Vectors, in.Truth[audit.Retain])
	require.NoError(t, err)
	fd, err := FrechetFeatures(x, y)
	require.NoError(t, err)
	kid, err := KID(x, y, KIDUnbiased)
	require.NoError(t, err)
	logits, err := Embeddings(in.Subject[audit.Retain].Vectors.Logits, counts[audit.Retain], classes)
	require.NoError(t, err)
	is, err := InceptionScore(logits, ISOptions{Splits: 1, Variant: ISFidelity})
	require.NoError(t, err)
	for name, want := range map[string]float64{"fd": fd, "kid": kid, "is": is.Mean()} {
		s := measured(t, name, in)[name+"(fixture)/image/retain"]
		assert.Equal(t, want, s.Values[0], name)
		assert.Equal(t, want, s.Mean(), name)
		assert.Positive(t, s.SE(), "%s has no spread", name)
	}
}

// TestResamplesArePaired: the rows depend on n, seed and name alone, so two models
// that differ by a constant differ by it in every resample.
func TestResamplesArePaired(t *testing.T) {
	draw := func(n int, seed uint64, name string, halves bool) (rows [][]int) {
		v, err := resample(n, seed, name, halves, func(r []int) (float64, error) {
			rows = append(rows, slices.Clone(r))
			return 0, nil
		})
		require.NoError(t, err)
		require.Len(t, v, 1+resamples)
		return rows
	}
	boot := draw(20, 1, "forget", false)
	assert.Equal(t, boot, draw(20, 1, "forget", false))
	assert.NotEqual(t, boot[1], draw(20, 2, "forget", false)[1])
	assert.NotEqual(t, boot[1], draw(20, 1, "test", false)[1])
	repeated := 0
	for k, r := range boot {
		assert.Len(t, r, 20)
		u := slices.Clone(r)
		slices.Sort(u)
		if len(slices.Compact(u)) < 20 {
			repeated++
		}
		if k == 0 {
			assert.Zero(t, repeated, "the first is the full set")
		}
	}
	assert.Equal(t, resamples, repeated, "bootstrap repeats images")
	for _, r := range draw(21, 1, "forget", true)[1:] {
		assert.Len(t, r, 11)
		u := slices.Clone(r)
		slices.Sort(u)
		assert.Len(t, slices.Compact(u), 11, "halves repeat none")
	}

	// A model whose features are moved by c: FD(X+c, X) = ‖c‖² in every resample.
	in := input(t)
	for p, v := range in.Truth {
		moved := features.Vectors{N: v.N, Dim: v.Dim, Classes: v.Classes, Logits: v.Logits}
		for _, f := range v.Features {
			moved.Features = append(moved.Features, f+2)
		}
		in.Subject[p].Vectors = moved
	}
	for k, s := range measured(t, "fd", in) {
		for _, v := range s.Values {
			assert.InDelta(t, 12, v, 1e-4, k)
		}
	}
}

func TestOracleFDAveragesOverTheOthers(t *testing.T) {
	in := input(t)
	full := func(oracles ...outputs.Model) float64 {
		in.Oracles = oracles
		return measured(t, "oracle-fd", in)["oracle-fd(fixture)/image/forget"].Values[0]
	}
	a, b := in.Oracles[0], in.Oracles[1]
	x, err := Embeddings(in.Subject[audit.Forget].Vectors.Features, counts[audit.Forget], stageDim)
	require.NoError(t, err)
	to := func(m outputs.Model) float64 {
		y, err := Embeddings(m[audit.Forget].Vectors.Features, counts[audit.Forget], stageDim)
		require.NoError(t, err)
		v, err := FrechetFeatures(x, y)
		require.NoError(t, err)
		return v
	}
	assert.InDelta(t, (to(a)+to(b))/2+floor, full(a, b), 1e-9)
	// An oracle is measured with the others alone: itself among them would pull it to zero.
	in.Subject = a
	alone := full(b)
	assert.Greater(t, alone, 1e-3)
	assert.InDelta(t, (alone-floor)/2+floor, full(a, b), 1e-6)
	in.Oracles = nil
	assert.Empty(t, measured(t, "oracle-fd", in), "nothing to compare with")
}

// TestOracleDistanceByHand: root mean squared differences over the hole of ½ and ⅛
// from two oracles have the geometric mean ¼.
func TestOracleDistanceByHand(t *testing.T) {
	in := input(t)
	off := func(d float32) outputs.Model {
		m := paint(in.Stage, 0, 1)
		for p, set := range m {
			for i := range set.Images {
				if at := i % (stageSize * stageSize); in.Stage.Batch[p].View.Region[at] == 1 {
					set.Images[i] += d
				} else if i == 0 {
					set.Images[i] += 9 // outside of the hole
				}
			}
		}
		return m
	}
	in.Subject, in.Oracles = paint(in.Stage, 0, 1), []outputs.Model{off(0.5), off(-0.125)}
	got := measured(t, "oracle-distance", in)
	for k, s := range got {
		for _, v := range s.Values {
			assert.InDelta(t, 0.25, v, 1e-5, k)
		}
	}
	in.Oracles = []outputs.Model{in.Subject}
	for _, v := range measured(t, "oracle-distance", in)["oracle-distance/hole/forget"].Values {
		assert.InDelta(t, floor, v, 1e-12, "at an oracle itself the logarithm stays finite")
		assert.Positive(t, v)
	}
	in.Oracles = nil
	assert.Empty(t, measured(t, "oracle-distance", in), "nothing to compare with")
}

func TestTexture(t *testing.T) {
	// A 3×3 image whose region is its upper 2×2; channels are equal but for an offset.
	region := []float32{1, 1, 0, 1, 1, 0, 0, 0, 0}
	plane := []float32{0, 1, 9, 0, 3, 9, 9, 9, 9}
	img := append(append(slices.Clone(plane), plane...), plane...)
	spread, gradient := textureOf(img, region, 3)
	assert.InDelta(t, math.Sqrt(10./4-1)+floor, spread, 1e-9)    // mean 1, mean square 10/4
	assert.InDelta(t, (1.+9.)/2+(0.+4.)/2+floor, gradient, 1e-9) // across: 1, 3; down: 0, 2
	whole := []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}
	flat := slices.Repeat([]float32{0.7}, 27)
	for _, r := range [][]float32{region, whole} {
		spread, gradient = textureOf(flat, r, 3)
		assert.InDelta(t, floor, spread, 1e-7)
		assert.InDelta(t, floor, gradient, 1e-12)
		assert.Positive(t, spread)
	}
	// The last column has no right neighbour in the next row.
	edge := slices.Clone(flat)
	for c := range 3 {
		edge[c*9+3] = 5 // row 1, column 0
	}
	_, gradient = textureOf(edge, []float32{0, 0, 1, 1, 0, 0, 0, 0, 0}, 3)
	assert.InDelta(t, floor, gradient, 1e-12)
	// Noise has more gradient than a slope of the same spread.
	in := input(t)
	for i := range in.Subject[audit.Forget].Images {
		in.Subject[audit.Forget].Images[i] = float32(i%stageSize) / stageSize
	}
	smooth := measured(t, "texture", in)
	assert.Less(t, smooth["gradient/hole/forget"].Mean(), smooth["gradient/hole/test"].Mean()/10)
}

func TestMissingParts(t *testing.T) {
	in := input(t)
	for _, p := range []audit.Part{audit.Poisoned, audit.Triggered} {
		delete(in.Stage.Batch, p)
	}
	assert.NotContains(t, measured(t, "mse", in), "mse/hole/poisoned", "parts without images are left out")
	assert.Len(t, measured(t, "displacement", in), 1)
	for _, e := range All {
		in := input(t)
		delete(in.Subject, audit.Forget)
		m := e.New()
		_, err := m.Measure(in)
		assert.ErrorContains(t, err, "nothing was painted for part forget", e.Name)
		in = input(t)
		in.Subject[audit.Forget].Images = in.Subject[audit.Forget].Images[1:]
		_, err = m.Measure(in)
		assert.ErrorContains(t, err, "part forget", e.Name)
	}
	in = input(t)
	delete(in.Original, audit.Forget)
	_, err := (&displacement{}).Measure(in)
	assert.ErrorContains(t, err, "nothing was painted")
	in = input(t)
	delete(in.Oracles[1], audit.Forget)
	_, err = (&oracleFD{}).Measure(in)
	assert.ErrorContains(t, err, "nothing was painted")
}

func TestFeaturesWithoutClasses(t *testing.T) {
	in := input(t)
	for p := range in.Subject {
		in.Subject[p].Vectors.Classes, in.Subject[p].Vectors.Logits = 0, nil
	}
	_, err := (&setMetric{name: "is"}).Measure(in)
	assert.ErrorContains(t, err, "the features fixture have no classes; leave `is` out of metrics")
	assert.NotEmpty(t, measured(t, "fd", in))
}

func TestPickCopies(t *testing.T) {
	x := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
	y := pick(x, []int{1, 1, 0})
	y.Set(0, 0, 9)
	assert.Equal(t, []float64{9, 4, 3, 4, 1, 2}, y.RawMatrix().Data)
	assert.Equal(t, []float64{1, 2, 3, 4}, x.RawMatrix().Data)
}

package measure

import (
	"math"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/sets"
)

// meanImageKey is what mse leaves beside the model's own errors.
const meanImageKey = "mean-image-error/hole/test"

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
		{"mse", append(pixelKeys("mse"), meanImageKey), audit.PerImage, audit.Lower},
		{"psnr", pixelKeys("psnr"), audit.PerImage, audit.Higher},
		{"ssim", pixelKeys("ssim"), audit.PerImage, audit.Higher},
		{"fd", setKeys("fd(fixture)"), audit.PerResample, audit.Lower},
		{"kid", setKeys("kid(fixture)"), audit.PerResample, audit.Lower},
		{"is", setKeys("is(fixture)"), audit.PerResample, audit.Higher},
		{"prdc", slices.Concat(setKeys("precision(fixture)"), setKeys("recall(fixture)"), setKeys("density(fixture)"),
			setKeys("coverage(fixture)")), audit.PerResample, audit.Higher},
		{"cmmd", setKeys("cmmd(fixture)"), audit.PerResample, audit.Lower},
		{"embedding", setKeys("embedding"), audit.PerImage, audit.Higher},
		{"displacement", []string{"displacement/hole/forget", "displacement/hole/poisoned"}, audit.PerImage, audit.Neutral},
		{"texture", []string{"spread/hole/forget", "gradient/hole/forget", "spread/hole/test", "gradient/hole/test"},
			audit.PerImage, audit.Neutral},
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
				if k != meanImageKey { // no merit of the model's
					assert.Equal(t, c.d, s.Direction, k)
				}
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
	all := slices.DeleteFunc(All.Names(), func(name string) bool {
		return name == "lpips" || name == "cka" // need files and layers: TestMeasureLPIPS, TestLayerSimilarity
	})
	assert.Equal(t, all, names, "every metric of the list, in its order")
}

// TestIdentities: two models have one identity, other features, counts or fields
// of view another.
func TestIdentities(t *testing.T) {
	for _, e := range All {
		if e.Name == "lpips" { // needs files: TestMeasureLPIPS
			continue
		}
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
		if e.Name == "fd" || e.Name == "kid" || e.Name == "prdc" || e.Name == "cmmd" || e.Name == "is" || e.Name == "embedding" ||
			e.Name == "oracle-fd" {
			other.Features.SHA256 = audit.Digest("cd") + other.Features.SHA256[2:]
			for k, s := range measured(t, e.Name, other) {
				assert.NotEqual(t, a[k].Identity, s.Identity, k)
			}
		}
	}
	in := input(t)
	in.Features.SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2" // of 2015-12-05
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
			if k == meanImageKey {
				continue // what the model painted is of no account to it
			}
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
	in.Original = paint(in.Stage, 0.1, 2)
	in.Subject = paint(in.Stage, 0.1, 2) // the same paintings, which are not the truth
	in.Subject[audit.Forget].Images[8*stageSize+8] += 0.5
	d := measured(t, "displacement", in)["displacement/hole/forget"]
	assert.InDelta(t, 0.5, d.Values[0], 1e-6)
	assert.Zero(t, d.Values[1])
}

// TestFullSetComesFirst: value 0 is the metric of the whole set.
func TestFullSetComesFirst(t *testing.T) {
	in := input(t)
	x, y, err := featuresFor(in, audit.Retain)
	require.NoError(t, err)
	fd, err := sets.FrechetFeatures(x, y)
	require.NoError(t, err)
	kid, err := sets.KID(x, y, sets.KIDUnbiased)
	require.NoError(t, err)
	logits, err := metrics.Embeddings(in.Subject[audit.Retain].Vectors.Logits, counts[audit.Retain], classes)
	require.NoError(t, err)
	is, err := metrics.InceptionScore(logits, metrics.ISOptions{Splits: 1, Variant: metrics.ISFidelity})
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

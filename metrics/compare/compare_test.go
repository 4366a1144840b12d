package compare

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/npy"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/sets"
)

// picture draws soft blobs, so that features and splits vary.
func draw(seed uint64, w, h int) image.Image {
	r := rand.New(rand.NewPCG(seed, 3))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	a, b, c := r.IntN(200), r.IntN(200), r.IntN(200)
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(a + x*55/w), uint8(b + y*55/h), uint8(c + r.IntN(20)), 255})
		}
	}
	return m
}

func write(t *testing.T, path string, m image.Image) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
	var b bytes.Buffer
	if strings.HasSuffix(path, ".jpg") {
		require.NoError(t, jpeg.Encode(&b, m, nil))
	} else {
		require.NoError(t, png.Encode(&b, m))
	}
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
}

// folder writes n pictures of 32×32 pixels.
func folder(t *testing.T, n int, seed uint64, ending string) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		write(t, filepath.Join(dir, fmt.Sprintf("%c", 'a'+i%3), fmt.Sprintf("%03d%s", i, ending)), draw(seed+uint64(i), 32, 32))
	}
	return dir
}

func options(t *testing.T, real, fake string) Options {
	t.Helper()
	e, err := (&features.Fixture{}).Open(torch.CPU)
	require.NoError(t, err)
	t.Cleanup(e.Free)
	o := Defaults()
	o.Real, o.Fake, o.Extractor, o.Subsets = real, fake, e, 5
	return o
}

func value(t *testing.T, r *Result, name string) Row {
	t.Helper()
	for _, row := range r.Rows {
		if row.Name == name {
			return row
		}
	}
	t.Fatalf("no row %s in %+v", name, r.Rows)
	return Row{}
}

// TestRunAgreesWithTheFunctions embeds the same pictures by hand.
func TestRunAgreesWithTheFunctions(t *testing.T) {
	o := options(t, folder(t, 70, 1, ".png"), folder(t, 50, 900, ".png"))
	r, err := Run(context.Background(), o)
	require.NoError(t, err)
	embed := func(dir string) (x, logits features.Vectors) {
		var planes []float32
		names, err := filepath.Glob(filepath.Join(dir, "*", "*.png"))
		require.NoError(t, err)
		for _, f := range names {
			m, err := pixels.Decoder{}.DecodeFile(f, 0)
			require.NoError(t, err)
			p := make([]float32, 3*32*32)
			require.NoError(t, o.Extractor.Prepare(p, m))
			planes = append(planes, p...)
		}
		v, err := o.Extractor.Embed(context.Background(), planes, len(names), 32)
		require.NoError(t, err)
		return v, v
	}
	a, _ := embed(o.Real)
	b, _ := embed(o.Fake)
	x, err := metrics.Embeddings(a.Features, a.N, a.Dim)
	require.NoError(t, err)
	y, err := metrics.Embeddings(b.Features, b.N, b.Dim)
	require.NoError(t, err)
	fd, err := sets.FrechetFeatures(x, y)
	require.NoError(t, err)
	assert.InEpsilon(t, fd, value(t, r, "fd(fixture)").Value, 1e-9)
	k, err := sets.KIDInterval(x, y, 0.95)
	require.NoError(t, err)
	assert.Equal(t, k.Value, value(t, r, "kid(fixture)").Value)
	assert.Equal(t, k.Low, value(t, r, "kid(fixture)").Interval.Low)
	p, err := sets.PRDC(sets.PRDCOptions{Real: x, Fake: y, K: 5, Variant: sets.PRDCStrict})
	require.NoError(t, err)
	assert.Equal(t, p.Coverage, value(t, r, "coverage(fixture)").Value)
	l, err := metrics.Embeddings(b.Logits, b.N, b.Classes)
	require.NoError(t, err)
	is, err := metrics.InceptionScore(l, metrics.ISOptions{Splits: 10, Variant: metrics.ISFidelity, Order: metrics.Permutation(50, 2020)})
	require.NoError(t, err)
	row := value(t, r, "is(fixture)")
	assert.Equal(t, is.Mean(), row.Value)
	assert.Equal(t, "10 splits", row.Spread.Over)
	assert.Equal(t, []int{70, 50}, []int{r.Real.N, r.Fake.N})
	assert.Equal(t, "32x32", r.Real.Sizes)
	assert.Empty(t, row.Identity.Decoder, "PNG needs none")
	assert.Contains(t, strings.Join(r.Notes, "\n"), "Fréchet distances of 50 images are biased upwards")
}

// TestSameBits: jobs, rerun and where the folder lies change no bit; another order of names is another order of
// pictures and moves the result by rounding alone.
func TestSameBits(t *testing.T) {
	real, fake := folder(t, 70, 1, ".jpg"), folder(t, 45, 900, ".jpg")
	var first []byte
	for _, jobs := range []int{1, 2, 5, 2} {
		o := options(t, real, fake)
		o.Jobs, o.Paired = jobs, false
		r, err := Run(context.Background(), o)
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, r.WriteJSON(&b))
		if first == nil {
			first = b.Bytes()
		}
		require.Equal(t, string(first), b.String(), "%d jobs", jobs)
	}
	r, err := ReadJSON(bytes.NewReader(first))
	require.NoError(t, err)
	assert.Equal(t, pixels.DefaultDecoder().String(), value(t, r, "fd(fixture)").Identity.Decoder)
	turned := t.TempDir()
	files, err := filepath.Glob(filepath.Join(fake, "*", "*.jpg"))
	require.NoError(t, err)
	for i, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(turned, fmt.Sprintf("%03d.jpg", 999-i)), b, 0o600))
	}
	again, err := Run(context.Background(), options(t, real, turned))
	require.NoError(t, err)
	for _, name := range []string{"fd(fixture)", "kid(fixture)", "precision(fixture)"} {
		assert.InEpsilon(t, value(t, r, name).Value, value(t, again, name).Value, 1e-9, name)
	}
}

// TestStatistics: what --save-stats writes gives the same distance as the pictures.
func TestStatistics(t *testing.T) {
	o := options(t, folder(t, 60, 1, ".png"), folder(t, 50, 900, ".png"))
	o.SaveReal = filepath.Join(t.TempDir(), "real.npz")
	o.Metrics = []string{"fd"}
	want, err := Run(context.Background(), o)
	require.NoError(t, err)
	p := options(t, o.SaveReal, o.Fake)
	got, err := Run(context.Background(), p)
	require.NoError(t, err)
	require.Len(t, got.Rows, 2, "the Fréchet distance, and the fake side's Inception score")
	assert.InEpsilon(t, want.Rows[0].Value, got.Rows[0].Value, 1e-9)
	assert.Equal(t, 60, got.Real.N)
	p.Metrics = []string{"kid"}
	_, err = Run(context.Background(), p)
	assert.ErrorContains(t, err, "kid: the real side is a mean and a covariance")
	arrays, err := npy.ReadFile(o.SaveReal)
	require.NoError(t, err)
	delete(arrays, "n") // as others publish them
	require.NoError(t, npy.WriteFile(o.SaveReal, arrays))
	p.Metrics = nil
	got, err = Run(context.Background(), p)
	require.NoError(t, err)
	assert.Zero(t, got.Rows[0].Identity.ReferenceN)
	assert.Contains(t, strings.Join(got.Notes, "\n"), "does not say how many images")
}

func TestFeatureFiles(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"a.npz", "b.npz"} {
		a := npy.Array{Shape: []int{40, 6}}
		for range 240 {
			a.Values = append(a.Values, r.NormFloat64())
		}
		require.NoError(t, npy.WriteFile(filepath.Join(dir, name), map[string]npy.Array{"features": a}))
	}
	o := Defaults()
	o.Real, o.Fake = filepath.Join(dir, "a.npz"), filepath.Join(dir, "b.npz")
	got, err := Run(context.Background(), o)
	require.NoError(t, err)
	assert.Equal(t, "fd", got.Rows[0].Name)
	assert.Contains(t, strings.Join(got.Notes, "\n"), "nothing here shows that the same network made them")
	var text bytes.Buffer
	require.NoError(t, got.WriteTable(&text))
	assert.Contains(t, text.String(), "40 features")
	o.Metrics = []string{"is"}
	_, err = Run(context.Background(), o)
	assert.ErrorContains(t, err, "is: it needs class logits")
}

func TestPairs(t *testing.T) {
	real := folder(t, 12, 1, ".png")
	fake := t.TempDir()
	files, err := filepath.Glob(filepath.Join(real, "*", "*.png"))
	require.NoError(t, err)
	for i, f := range files {
		rel, err := filepath.Rel(real, f)
		require.NoError(t, err)
		seed := uint64(1)
		if i > 0 { // the first pair is identical
			seed = 50
		}
		n := uint64(0)
		_, err = fmt.Sscanf(filepath.Base(f), "%d.png", &n)
		require.NoError(t, err)
		write(t, filepath.Join(fake, rel), draw(seed+n, 32, 32))
	}
	o := options(t, real, fake)
	o.Paired = true
	r, err := Run(context.Background(), o)
	require.NoError(t, err)
	assert.Less(t, value(t, r, "mse").Interval.Low, value(t, r, "mse").Value)
	assert.Equal(t, 11, value(t, r, "psnr").Identity.N)
	assert.Contains(t, strings.Join(r.Notes, "\n"), "1 pairs are identical")
	assert.Contains(t, strings.Join(r.Notes, "\n"), "1 pictures of the fake side are also on the real side")
	value(t, r, "ssim")
	value(t, r, "embedding(fixture)")

	hole := image.NewGray(image.Rect(0, 0, 32, 32))
	hole.SetGray(5, 6, color.Gray{255})
	o.Mask = filepath.Join(t.TempDir(), "mask.png")
	write(t, o.Mask, hole)
	m, err := Run(context.Background(), o)
	require.NoError(t, err)
	assert.Equal(t, metrics.FieldHole, value(t, m, "mse").Identity.Field)
	assert.NotEqual(t, value(t, r, "mse").Value, value(t, m, "mse").Value)
	hole.SetGray(1, 1, color.Gray{7})
	write(t, o.Mask, hole)
	_, err = Run(context.Background(), o)
	assert.ErrorContains(t, err, "only white (compared) and black are allowed")

	require.NoError(t, os.Remove(filepath.Join(fake, "a", "003.png")))
	_, err = Run(context.Background(), o)
	assert.ErrorContains(t, err, "a/003.png of the real side has no picture of that name on the fake side")
}

func TestRefuses(t *testing.T) {
	good := folder(t, 8, 1, ".png")
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.MkdirAll(path("empty"), 0o750))
	require.NoError(t, os.MkdirAll(path("text"), 0o750))
	require.NoError(t, os.WriteFile(path("text/readme.txt"), []byte("x"), 0o600))
	write(t, path("mixed/a.png"), draw(1, 32, 32))
	write(t, path("mixed/b.png"), draw(1, 48, 48))
	write(t, path("oblong/b.png"), draw(1, 48, 32))
	b, err := os.ReadFile(filepath.Join(good, "a", "000.png"))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(path("cut"), 0o750))
	require.NoError(t, os.WriteFile(path("cut/a.png"), b[:len(b)/2], 0o600))
	write(t, path("one/a.png"), draw(1, 32, 32))
	require.NoError(t, npy.WriteFile(path("two.npz"), map[string]npy.Array{"a": {Values: []float64{1}}, "b": {Values: []float64{1}}}))
	require.NoError(t, npy.WriteFile(path("wide.npz"), map[string]npy.Array{"x": {Shape: []int{4, 2}, Values: make([]float64, 8)}}))
	require.NoError(t, npy.WriteFile(path("skew.npz"), map[string]npy.Array{"mu": {Shape: []int{2}, Values: make([]float64, 2)},
		"sigma": {Shape: []int{2, 2}, Values: []float64{1, 0, 5, 1}}}))
	for name, c := range map[string]struct {
		fake string
		set  func(o *Options)
		want string
	}{
		"nothing":        {"", nil, "the fake side is missing"},
		"no path":        {path("none"), nil, "no such file"},
		"an empty one":   {path("empty"), nil, "holds no .jpg, .jpeg or .png file (0 others)"},
		"no pictures":    {path("text"), nil, "(1 others)"},
		"mixed sizes":    {path("mixed"), nil, "b.png is 48x48 pixels and a.png is 32x32"},
		"oblong":         {path("oblong"), nil, "is 48x32 pixels: these features take square pictures"},
		"cut short":      {path("cut"), nil, "a.png: "},
		"one picture":    {path("one"), func(o *Options) { o.Metrics = []string{"fd"} }, "at least 2 are needed"},
		"a file":         {path("text/readme.txt"), nil, "neither a folder nor a .npy or .npz file"},
		"two arrays":     {path("two.npz"), nil, "it holds a, b: want mu and sigma"},
		"other features": {path("wide.npz"), nil, "the real side has 32 coordinates, the fake side 2"},
		"no covariance":  {path("skew.npz"), nil, "it is not symmetric"},
		"no metric":      {good, func(o *Options) { o.Metrics = []string{"fid"} }, `unknown metric "fid": choose from fd,`},
		"no features":    {good, func(o *Options) { o.Extractor = nil }, "pictures need features: name the network"},
		"no pairs":       {good, func(o *Options) { o.Metrics = []string{"ssim"} }, "ask for pairs"},
		"a lone mask":    {good, func(o *Options) { o.Mask = "x.png" }, "a mask selects the pixels of paired pictures"},
		"many splits":    {good, func(o *Options) { o.Metrics, o.Splits = []string{"is"}, 9 }, "9 splits of 8 images"},
		"a large subset": {good, func(o *Options) { o.Metrics, o.SubsetSize = []string{"kid"}, 9 }, "subsets of 9"},
		"many neighbour": {good, func(o *Options) { o.Metrics, o.Neighbours = []string{"prdc"}, 8 }, "k = 8"},
		"no jobs":        {good, func(o *Options) { o.Jobs = 0 }, "jobs is 0"},
	} {
		o := options(t, good, c.fake)
		if c.set != nil {
			c.set(&o)
		}
		_, err := Run(context.Background(), o)
		assert.ErrorContains(t, err, c.want, name)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Run(ctx, options(t, good, good))
	assert.ErrorIs(t, err, context.Canceled)
}

func TestComparable(t *testing.T) {
	real, a, b := folder(t, 20, 1, ".png"), folder(t, 20, 100, ".png"), folder(t, 20, 200, ".png")
	run := func(fake string, set func(o *Options)) *Result {
		o := options(t, real, fake)
		o.Metrics, o.SubsetSize = []string{"fd", "kid"}, 8 // subsets of all would be left out
		if set != nil {
			set(&o)
		}
		r, err := Run(context.Background(), o)
		require.NoError(t, err)
		return r
	}
	first := run(a, nil)
	var text bytes.Buffer
	require.NoError(t, WriteComparison(&text, []string{"a", "b"}, []*Result{first, run(b, nil)}))
	assert.Contains(t, text.String(), "fd(fixture) ↓")
	for want, other := range map[string]*Result{
		"seed: 2020 vs 7":     run(b, func(o *Options) { o.Seed = 7 }),
		"n: 20 vs 10":         run(folder(t, 10, 5, ".png"), nil),
		"reference: ":         run(b, func(o *Options) { o.Real = folder(t, 20, 3, ".png") }),
		"decoder: none vs ":   run(folder(t, 20, 5, ".jpg"), nil),
		"hold other metrics":  run(b, func(o *Options) { o.Metrics = []string{"fd"} }),
		"subset_size: 8 vs 6": run(b, func(o *Options) { o.SubsetSize = 6 }),
	} {
		err := WriteComparison(&text, []string{"a", "b"}, []*Result{first, other})
		require.ErrorIs(t, err, ErrMixed)
		assert.ErrorContains(t, err, want)
	}
}

func TestReadJSONRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "not a result of lethe metrics",
		"{}":                       `schema ""`,
		`{"schema":"x","rowz":[]}`: "unknown field",
		`{"schema":"lethe-metrics/1","rows":[{"name":"x","identity":{"metric":""}}]}`: "no metric is named",
	} {
		_, err := ReadJSON(strings.NewReader(text))
		assert.ErrorContains(t, err, want)
	}
}

package features

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
)

// source is a module that testdata/golden.py made, with the file's true hash.
func source(t *testing.T, path string, set func(f *TorchScript)) *TorchScript {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	f := &TorchScript{Path: path, SHA256: string(audit.DigestBytes(b)), Resize: "none", Range: "unit"}
	if set != nil {
		set(f)
	}
	require.NoError(t, f.Validate())
	return f
}

func module(name string) string { return filepath.Join("testdata", name) }

// stripes is n images in [−1, 1] that differ in every pixel and image.
func stripes(n, size int) []float32 {
	x := make([]float32, n*3*size*size)
	for i := range x {
		x[i] = pixels.ToUnit(uint8(i * 7 % 251))
	}
	return x
}

func TestTorchScriptEmbeds(t *testing.T) {
	const n, size = 130, 8 // three batches, the last of 2
	before := torch.Live()
	f := source(t, module("means.pt"), nil)
	e, err := f.Open(torch.CPU)
	require.NoError(t, err)
	assert.Equal(t, Identity{Name: "means", SHA256: audit.Digest(f.SHA256), Unverified: true}, e.Identity())
	x := stripes(n, size)
	v, err := e.Extract(context.Background(), x, n, size)
	require.NoError(t, err)
	assert.Equal(t, []int{n, 3, 2}, []int{v.N, v.Dim, v.Classes})
	require.Len(t, v.Features, n*3)
	require.Len(t, v.Logits, n*2)
	for i := range n {
		var mean [3]float64
		for c := range mean {
			for _, p := range x[(3*i+c)*size*size : (3*i+c+1)*size*size] {
				mean[c] += (float64(p) + 1) / 2 / (size * size)
			}
			require.InDelta(t, mean[c], v.Features[3*i+c], 1e-6, "image %d, channel %d", i, c)
		}
		require.InDelta(t, mean[0]-mean[1], v.Logits[2*i], 1e-6)
		require.InDelta(t, mean[1]-mean[2], v.Logits[2*i+1], 1e-6)
	}
	none, err := e.Extract(context.Background(), nil, 0, size)
	require.NoError(t, err)
	assert.Zero(t, none.N)
	for _, wrong := range []struct{ n, size int }{{n + 1, size}, {n, size + 1}, {-1, size}, {0, 0}} {
		_, err = e.Extract(context.Background(), x, wrong.n, wrong.size)
		assert.ErrorContains(t, err, "are not", wrong)
	}
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(reason)
	_, err = e.Extract(ctx, x, n, size)
	assert.ErrorIs(t, err, reason)
	e.Free()
	e.Free() // harmless
	_, err = e.Extract(context.Background(), x, n, size)
	assert.ErrorContains(t, err, "was freed")
	assert.Equal(t, before, torch.Live())
}

func TestTorchScriptWithoutLogits(t *testing.T) {
	e, err := source(t, module("features.pt"), nil).Open(torch.CPU)
	require.NoError(t, err)
	defer e.Free()
	v, err := e.Extract(context.Background(), stripes(2, 16), 2, 16)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3, 0}, []int{v.N, v.Dim, v.Classes})
	assert.Empty(t, v.Logits)
}

// What a module sees, in each range and after each filter: pixels.pt hands it
// back as it is.
func TestTorchScriptPreparesImages(t *testing.T) {
	const n, size = 3, 16
	x := stripes(n, size)
	for _, c := range []struct {
		filter   string
		side     int
		span     string
		a, b     float32 // value = a·x + b for x in [−1, 1]
		identity string
	}{
		{"none", 0, "unit", 0.5, 0.5, ""},
		{"none", 0, "signed", 1, 0, "range-signed"},
		{"none", 0, "bytes", 127.5, 127.5, "range-bytes"},
		{"bilinear", 8, "unit", 0.5, 0.5, "pillow-bilinear-8"},
		{"bicubic", 24, "bytes", 127.5, 127.5, "pillow-bicubic-24, range-bytes"},
	} {
		e, err := source(t, module("pixels.pt"), func(f *TorchScript) { f.Resize, f.Size, f.Range = c.filter, c.side, c.span }).Open(torch.CPU)
		require.NoError(t, err)
		v, err := e.Extract(context.Background(), x, n, size)
		require.NoError(t, err)
		assert.Equal(t, c.identity, e.Identity().Resize)
		e.Free()
		want, side := x, size
		if c.filter != "none" {
			side = c.side
			want = make([]float32, n*3*side*side)
			filter, err := pixels.ParseFilter(c.filter)
			require.NoError(t, err)
			for i := range n {
				img, err := pixels.FromFloat(x[i*3*size*size:(i+1)*3*size*size], size, size)
				require.NoError(t, err)
				img, err = pixels.Resize(img, side, side, filter)
				require.NoError(t, err)
				require.NoError(t, pixels.ToFloat(want[i*3*side*side:(i+1)*3*side*side], img))
			}
		}
		require.Equal(t, 3*side*side, v.Dim)
		for i, p := range want {
			require.InDelta(t, c.a*p+c.b, v.Features[i], 1e-4, "%+v, value %d", c, i)
		}
		if c.span == "bytes" {
			for _, b := range v.Features {
				require.InDelta(t, math.Round(float64(b)), b, 1e-4, "resized images are whole bytes")
			}
		}
	}
}

func TestTorchScriptOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.pt")
	require.NoError(t, os.WriteFile(text, []byte("no module"), 0o600))
	for _, c := range []struct {
		name, path string
		set        func(f *TorchScript)
		want       string
	}{
		{"another file's hash", module("features.pt"), func(f *TorchScript) { f.SHA256 = strings.Repeat("0", 64) },
			"the plan wants " + strings.Repeat("0", 64)},
		{"no file", module("features.pt"), func(f *TorchScript) { f.Path = filepath.Join(dir, "none.pt") }, "none.pt: no such file"},
		{"a folder", module("features.pt"), func(f *TorchScript) { f.Path = dir }, "is a directory"},
		{"no module", text, nil, "text.pt is not a TorchScript module"},
		{"features [n]", module("vector.pt"), nil, "features of 4 images have shape [4], want [4, d]"},
		{"features [m, d]", module("rows.pt"), nil, "features of 4 images have shape [3 3], want [4, d]"},
		{"features [n, 0]", module("zero.pt"), nil, "features of 4 images have shape [4 0], want [4, d]"},
		{"logits [m, k]", module("logits.pt"), nil, "logits of 4 images have shape [3 3], want [4, d]"},
		{"float64 features", module("double.pt"), nil, "want float32"},
		{"no tensor", module("number.pt"), nil, "neither a tensor nor a tuple"},
		{"not a number", module("sqrt.pt"), func(f *TorchScript) { f.Range = "signed"; f.Resize, f.Size = "box", 4 }, ""}, // grey is √0
		{"another side", module("eight.pt"), nil, "does not embed a batch of images of side 32"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := torch.Live()
			e, err := source(t, c.path, c.set).Open(torch.CPU)
			if c.want == "" {
				require.NoError(t, err)
				defer e.Free()
				dark := make([]float32, 3*16*16)
				for i := range dark {
					dark[i] = -0.5
				}
				_, err = e.Extract(context.Background(), dark, 1, 16)
				assert.ErrorContains(t, err, "output is not finite: does the range fit the network?")
				return
			}
			assert.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, "features: ")
			assert.Equal(t, before, torch.Live())
		})
	}
	for _, set := range []func(f *TorchScript){
		func(f *TorchScript) { f.Size = 8 },
		func(f *TorchScript) { f.Resize, f.Size = "bilinear", 8 },
		func(f *TorchScript) { f.Resize, f.Size, f.SHA256 = "bilinear", 8, strings.ToUpper(f.SHA256) },
	} {
		e, err := source(t, module("eight.pt"), set).Open(torch.CPU)
		require.NoError(t, err)
		e.Free()
	}
}

func TestTorchScriptValidate(t *testing.T) {
	for want, f := range map[string]*TorchScript{
		"path is missing":       {SHA256: strings.Repeat("a", 64), Resize: "none", Range: "unit"},
		"not 64 hexadecimal":    {Path: "a.pt", SHA256: "abc", Resize: "none", Range: "unit"},
		`sha256 "zzz`:           {Path: "a.pt", SHA256: strings.Repeat("z", 64), Resize: "none", Range: "unit"},
		"want unit, signed or":  {Path: "a.pt", SHA256: strings.Repeat("a", 64), Resize: "none", Range: "[0, 1]"},
		"unknown resampler":     {Path: "a.pt", SHA256: strings.Repeat("a", 64), Resize: "nearest", Range: "unit", Size: 4},
		"needs the side":        {Path: "a.pt", SHA256: strings.Repeat("a", 64), Resize: "bilinear", Range: "unit"},
		"size is -1: want 0 or": {Path: "a.pt", SHA256: strings.Repeat("a", 64), Resize: "none", Range: "unit", Size: -1},
	} {
		assert.ErrorContains(t, f.Validate(), want)
	}
	for _, e := range All {
		assert.NotEmpty(t, e.Doc, e.Name)
		require.NotNil(t, e.New(), e.Name)
	}
}

// A published ResNet-20 (91.8 % on CIFAR-10's whole test set) still classifies
// after images went through the loader, the range and the module.
func TestResNetClassifiesCIFAR10(t *testing.T) {
	path := golden.Beside(t, "models", "cifar10_resnet", "resnet20_feat64_logits10.torchscript.pt")
	data := golden.Beside(t, "data", "cifar10-exact", "cifar-10-batches-bin")
	_, test, err := datasets.CIFAR10(data)
	require.NoError(t, err)
	const n = 200
	idx, x := make([]int, n), make([]float32, n*3*32*32)
	for i := range idx {
		idx[i] = i
	}
	require.NoError(t, test.Read(context.Background(), x, idx))
	e, err := source(t, path, nil).Open(torch.CPU)
	require.NoError(t, err)
	defer e.Free()
	v, err := e.Extract(context.Background(), x, n, 32)
	require.NoError(t, err)
	assert.Equal(t, []int{n, 64, 10}, []int{v.N, v.Dim, v.Classes})
	right := 0
	for i := range n {
		best := 0
		for k := range v.Classes {
			if v.Logits[i*v.Classes+k] > v.Logits[i*v.Classes+best] {
				best = k
			}
		}
		if best == test.Label(i) {
			right++
		}
	}
	t.Logf("%d of %d", right, n)
	assert.Greater(t, right, n*85/100)
}

func TestFixtureRefusesAndResizes(t *testing.T) {
	before := torch.Live()
	e, err := (&Fixture{}).Open(torch.CPU)
	require.NoError(t, err)
	assert.Equal(t, Identity{Name: "fixture", SHA256: audit.DigestBytes(fixtureWeights)}, e.Identity())
	_, err = e.Extract(context.Background(), make([]float32, 10), 1, 32)
	assert.ErrorContains(t, err, "10 values are not 1 images [3, 32, 32]")
	v, err := e.Extract(context.Background(), stripes(2, 64), 2, 64)
	require.NoError(t, err)
	assert.Equal(t, []int{2, fixtureDim, fixtureClasses}, []int{v.N, v.Dim, v.Classes})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = e.Extract(ctx, stripes(1, 32), 1, 32)
	assert.ErrorIs(t, err, context.Canceled)

	// The images beside an image do not change its features.
	x := stripes(7, 32)
	all, err := e.Extract(context.Background(), x, 7, 32)
	require.NoError(t, err)
	one, err := e.Extract(context.Background(), x[5*3*32*32:6*3*32*32], 1, 32)
	require.NoError(t, err)
	assert.Equal(t, all.Features[5*fixtureDim:6*fixtureDim], one.Features)
	e.Free()
	assert.Equal(t, before, torch.Live())
}

package features

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

func sumOf(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(audit.DigestBytes(b))
}

// Narrow networks with seeded weights, made by testdata/networks.py.
func narrowResNet(t testing.TB) *ResNet {
	path := filepath.Join("testdata", "resnet20.pth")
	return &ResNet{Path: path, SHA256: sumOf(t, path), blocks: 3}
}

func narrowSqueezeNet(t testing.TB, version string) *SqueezeNet {
	path := filepath.Join("testdata", "squeezenet-"+version+".pth")
	return &SqueezeNet{Path: path, SHA256: sumOf(t, path)}
}

// pictures are those of testdata/networks.py: they differ in every pixel, colour and picture.
func pictures(n, side int) []pixels.Image {
	out := make([]pixels.Image, n)
	px := side * side
	for k := range out {
		out[k] = pixels.New(side, side)
		for c := range 3 {
			for p := range px {
				i := (3*k+c)*px + p
				out[k].Pix[3*p+c] = uint8((i*7 + i/5 + i/px*31) % 251)
			}
		}
	}
	return out
}

// prepared are a network's inputs for pictures.
func prepared(t testing.TB, e Extractor, m []pixels.Image, side int) []float32 {
	t.Helper()
	px := 3 * side * side
	out := make([]float32, len(m)*px)
	for i := range m {
		require.NoError(t, e.Prepare(out[i*px:(i+1)*px], m[i]))
	}
	return out
}

// near holds two vectors to a part of the larger one's largest magnitude.
func near(t testing.TB, want, got []float32, rel float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	most := 0.0
	for _, v := range want {
		most = max(most, math.Abs(float64(v)))
	}
	for i, v := range want {
		require.InDelta(t, v, got[i], rel*most, "%s, value %d", what, i)
	}
}

// The networks give what PyTorch gives with the same weights and pictures.
func TestNetworksArePyTorchs(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "networks.json"))
	require.NoError(t, err)
	var want map[string]struct {
		Features, Logits []float32
		Dim, Classes     int
	}
	var raw map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(b, &raw))
	delete(raw, "lpips")
	b, err = json.Marshal(raw)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &want))
	before := torch.Live()
	for _, c := range []struct {
		name, width, resize string
		from                Source
		side                int
	}{
		{"resnet20", "-width2", "imagenet", narrowResNet(t), 32},
		{"squeezenet-1.0", "-width6", "pillow-bilinear-224, caffe-bgr", narrowSqueezeNet(t, "1.0"), 224},
		{"squeezenet-1.1", "-width4", "pillow-bilinear-224, caffe-bgr", narrowSqueezeNet(t, "1.1"), 224},
	} {
		e, err := c.from.Open(torch.CPU)
		require.NoError(t, err)
		sum := sumOf(t, filepath.Join("testdata", c.name+".pth"))
		assert.Equal(t, Identity{Name: c.name + c.width, SHA256: audit.Digest(sum), Resize: c.resize, Unverified: true}, e.Identity())
		assert.Equal(t, c.side, e.Size())
		v, err := e.Embed(context.Background(), prepared(t, e, pictures(3, c.side), c.side), 3, c.side)
		require.NoError(t, err)
		w := want[c.name]
		assert.Equal(t, []int{3, w.Dim, w.Classes}, []int{v.N, v.Dim, v.Classes})
		near(t, w.Features, v.Features, 1e-5, c.name+" features")
		near(t, w.Logits, v.Logits, 1e-5, c.name+" logits")
		e.Free()
	}
	assert.Equal(t, before, torch.Live())
}

// Blue and red are not exchangeable: a network that took them the wrong way round would show.
func TestChannelsHaveTheirOrder(t *testing.T) {
	for name, from := range map[string]Source{"resnet20": narrowResNet(t), "squeezenet": narrowSqueezeNet(t, "1.1")} {
		e, err := from.Open(torch.CPU)
		require.NoError(t, err)
		defer e.Free()
		side := e.Size()
		m := pictures(1, side)
		x := prepared(t, e, m, side)
		v, err := e.Embed(context.Background(), x, 1, side)
		require.NoError(t, err)
		for p := 0; p < len(m[0].Pix); p += 3 {
			m[0].Pix[p], m[0].Pix[p+2] = m[0].Pix[p+2], m[0].Pix[p]
		}
		swapped, err := e.Embed(context.Background(), prepared(t, e, m, side), 1, side)
		require.NoError(t, err)
		most := 0.0
		for i := range v.Features {
			most = max(most, math.Abs(float64(v.Features[i]-swapped.Features[i]))/math.Abs(float64(slices.Max(v.Features))))
		}
		assert.Greater(t, most, 1e-2, name)
	}
	x := make([]float32, 3)
	m := pixels.New(1, 1)
	copy(m.Pix, []uint8{200, 100, 50})
	require.NoError(t, caffe.Planes(x, m))
	assert.Equal(t, []float32{50 - 104, 100 - 117, 200 - 123}, x, "blue, green, red")
}

// Not a bit of an image's features depends on the images beside it.
func TestBitsDoNotDependOnTheBatch(t *testing.T) {
	const n, side = 64, 32
	for name, from := range map[string]Source{
		"fixture": &Fixture{}, "resnet20": narrowResNet(t),
		"squeezenet-1.0": narrowSqueezeNet(t, "1.0"), "squeezenet-1.1": narrowSqueezeNet(t, "1.1"),
	} {
		e, err := from.Open(torch.CPU)
		require.NoError(t, err)
		bitsAlone(t, name, e, n, side)
		e.Free()
	}
}

// bitsAlone embeds images by 1, 7, 64 and in reversed order. Networks without a fixed input are given small ones.
func bitsAlone(t *testing.T, name string, e Extractor, n, side int) {
	t.Helper()
	px := 3 * side * side
	x := make([]float32, n*px)
	for i := range x {
		x[i] = float32((i*7+i/5+i/px*31)%251) / 50
	}
	by := func(k int) Vectors {
		var all Vectors
		for lo := 0; lo < n; lo += k {
			m := min(k, n-lo)
			v, err := e.Embed(context.Background(), x[lo*px:(lo+m)*px], m, side)
			require.NoError(t, err)
			all.Dim, all.Classes = v.Dim, v.Classes
			all.Features, all.Logits = append(all.Features, v.Features...), append(all.Logits, v.Logits...)
		}
		return all
	}
	whole := by(64)
	for _, k := range []int{1, 7} {
		assert.Equal(t, whole, by(k), "%s by %d", name, k)
	}
	back := make([]float32, 0, len(x))
	for i := n - 1; i >= 0; i-- {
		back = append(back, x[i*px:(i+1)*px]...)
	}
	v, err := e.Embed(context.Background(), back, n, side)
	require.NoError(t, err)
	for i := range n {
		require.Equal(t, whole.Features[i*v.Dim:(i+1)*v.Dim], v.Features[(n-1-i)*v.Dim:(n-i)*v.Dim], "%s, image %d reversed", name, i)
		require.Equal(t, whole.Logits[i*v.Classes:(i+1)*v.Classes], v.Logits[(n-1-i)*v.Classes:(n-i)*v.Classes], "%s, image %d reversed", name, i)
	}
}

// saved writes changed arrays of a checkpoint as safetensors.
func saved(t *testing.T, from string, change func(a map[string]checkpoint.Array)) (path, sum string) {
	t.Helper()
	arrays, _, err := weights.Read(filepath.Join("testdata", from), "")
	require.NoError(t, err)
	change(arrays)
	path = filepath.Join(t.TempDir(), "weights.safetensors")
	require.NoError(t, checkpoint.Save(path, arrays, nil))
	return path, sumOf(t, path)
}

// Safetensors with the same numbers give the same bits as a PyTorch checkpoint; without a classifier there are no
// logits, and features may stand without "features.".
func TestFormatsOfWeights(t *testing.T) {
	path, sum := saved(t, "resnet20.pth", func(map[string]checkpoint.Array) {})
	a, err := (&ResNet{Path: path, SHA256: strings.ToUpper(sum), blocks: 3}).Open(torch.CPU)
	require.NoError(t, err)
	defer a.Free()
	b, err := narrowResNet(t).Open(torch.CPU)
	require.NoError(t, err)
	defer b.Free()
	va, err := a.Extract(context.Background(), stripes(2, 32), 2, 32)
	require.NoError(t, err)
	vb, err := b.Extract(context.Background(), stripes(2, 32), 2, 32)
	require.NoError(t, err)
	assert.Equal(t, vb, va)

	path, sum = saved(t, "squeezenet-1.1.pth", func(a map[string]checkpoint.Array) {
		for name, v := range maps.Clone(a) {
			delete(a, name)
			if rest, ok := strings.CutPrefix(name, "features."); ok {
				a[rest] = v
			}
		}
	})
	c, err := (&SqueezeNet{Path: path, SHA256: sum}).Open(torch.CPU)
	require.NoError(t, err)
	defer c.Free()
	d, err := narrowSqueezeNet(t, "1.1").Open(torch.CPU)
	require.NoError(t, err)
	defer d.Free()
	vc, err := c.Extract(context.Background(), stripes(1, 16), 1, 16)
	require.NoError(t, err)
	vd, err := d.Extract(context.Background(), stripes(1, 16), 1, 16)
	require.NoError(t, err)
	assert.Equal(t, vd.Features, vc.Features)
	assert.Equal(t, []int{5, 0}, []int{vd.Classes, vc.Classes})
}

func TestNetworksRefuse(t *testing.T) {
	before := torch.Live()
	path, sum := saved(t, "resnet20.pth", func(a map[string]checkpoint.Array) {
		delete(a, "bn1.weight")
		delete(a, "layer2.0.bn1.running_var")
		a["linear.weight"] = checkpoint.Array{Shape: []int64{1, 10}, Values: make([]float32, 10)}
		a["layer1.3.conv1.weight"] = checkpoint.Array{Shape: []int64{1}, Values: make([]float32, 1)}
	})
	_, err := (&ResNet{Path: path, SHA256: sum, blocks: 3}).Open(torch.CPU)
	assert.ErrorContains(t, err, "does not hold the weights of resnet20-width2: arrays: 2 missing (bn1.weight, layer2.0.bn1.running_var); "+
		"1 of another shape (linear.weight is [1 10], not [10 8]); 1 not the network's (layer1.3.conv1.weight)")

	one := narrowResNet(t)
	path, sum = saved(t, "resnet20.pth", func(a map[string]checkpoint.Array) {
		a["conv1.weight"] = checkpoint.Array{Shape: []int64{3, 3, 3, 3}, Values: make([]float32, 81)}
	})
	_, err = (&ResNet{Path: path, SHA256: sum, blocks: 3}).Open(torch.CPU)
	assert.ErrorContains(t, err, "resnet20: arrays: 96 of another shape (conv1.weight is [3 3 3 3], not [16 3 3 3]")
	other := *one
	other.SHA256 = strings.Repeat("0", 64)
	_, err = other.Open(torch.CPU)
	assert.ErrorContains(t, err, "wanted is 0000")
	_, err = (&ResNet{Path: "none.pth", SHA256: sum, blocks: 3}).Open(torch.CPU)
	assert.ErrorContains(t, err, "none.pth: no such file")
	_, err = (&ResNet{Path: "checkpoint.go", SHA256: sumOf(t, "checkpoint.go"), blocks: 3}).Open(torch.CPU)
	assert.ErrorContains(t, err, "neither a safetensors file of float32 arrays nor a PyTorch checkpoint")
	_, err = (&ResNet{Path: module("means.pt"), SHA256: sumOf(t, module("means.pt")), blocks: 3}).Open(torch.CPU)
	assert.ErrorContains(t, err, "it is a TorchScript module")
	_, err = (&SqueezeNet{Path: one.Path, SHA256: one.SHA256}).Open(torch.CPU)
	assert.ErrorContains(t, err, "does not hold SqueezeNet's weights: features.0.weight is missing")
	squeeze := narrowSqueezeNet(t, "1.0")
	squeeze.version = "1.1"
	_, err = squeeze.Open(torch.CPU)
	assert.ErrorContains(t, err, "holds SqueezeNet 1.0, wanted is 1.1")
	path, sum = saved(t, "squeezenet-1.0.pth", func(a map[string]checkpoint.Array) {
		a["features.0.weight"] = checkpoint.Array{Shape: []int64{1, 3, 5, 5}, Values: make([]float32, 75)}
	})
	_, err = (&SqueezeNet{Path: path, SHA256: sum}).Open(torch.CPU)
	assert.ErrorContains(t, err, "neither SqueezeNet 1.0 nor 1.1: features.0.weight is [1 3 5 5]")
	assert.Equal(t, before, torch.Live())

	e, err := one.Open(torch.CPU)
	require.NoError(t, err)
	defer e.Free()
	assert.ErrorContains(t, e.Prepare(make([]float32, 3*64*64), pixels.New(64, 64)), "these features take 32×32 and resize none")
}

// A known file is opened as what it is known for, at its full width.
func TestOpenersOfKnownFiles(t *testing.T) {
	for want, c := range map[string]struct {
		open func(path string, k *Known) Source
		file string
	}{
		"holds SqueezeNet 1.1, wanted is 1.0":                   {openSqueezeNet10, "squeezenet-1.1.pth"},
		"holds SqueezeNet 1.0, wanted is 1.1":                   {openSqueezeNet11, "squeezenet-1.0.pth"},
		"features.0.weight is [6 3 7 7], not [96 3 7 7]":        {openSqueezeNet10, "squeezenet-1.0.pth"},
		"features.0.weight is [4 3 3 3], not [64 3 3 3]":        {openSqueezeNet11, "squeezenet-1.1.pth"},
		"180 missing (layer1.3.conv1.weight":                    {openResNet56, "resnet20.pth"},
		"does not hold SqueezeNet's weights: features.0.weight": {openSqueezeNet10, "resnet20.pth"},
	} {
		path := filepath.Join("testdata", c.file)
		_, err := c.open(path, &Known{SHA256: audit.Digest(sumOf(t, path))}).Open(torch.CPU)
		assert.ErrorContains(t, err, want)
		_, err = c.open(path, &Known{SHA256: audit.Digest(strings.Repeat("0", 64))}).Open(torch.CPU)
		assert.ErrorContains(t, err, "it is another file")
	}
}

func TestNetworksValidate(t *testing.T) {
	for _, name := range []string{"resnet20", "resnet56", "squeezenet"} {
		from, err := All.New(name)
		require.NoError(t, err)
		v, ok := from.(audit.Validator)
		require.True(t, ok)
		assert.ErrorContains(t, v.Validate(), "path is missing", name)
		assert.ErrorContains(t, v.Validate(), `sha256 "" is not 64 hexadecimal digits`, name)
		require.NoError(t, json.Unmarshal([]byte(`{"path": "a.pth", "sha256": "`+strings.Repeat("a", 64)+`"}`), from))
		assert.NoError(t, v.Validate(), name)
	}
	assert.Equal(t, "resnet56", residual{blocks: 9, width: resNetWidth}.name())
}

func openSqueezeNet10(path string, k *Known) Source {
	return &SqueezeNet{Path: path, SHA256: string(k.SHA256), version: "1.0", thin: 1}
}

func openSqueezeNet11(path string, k *Known) Source {
	return &SqueezeNet{Path: path, SHA256: string(k.SHA256), version: "1.1", thin: 1}
}

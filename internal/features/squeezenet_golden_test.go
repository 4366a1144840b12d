package features_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/internal/pixels"
)

// The published SqueezeNets give what their TorchScript traces give for photographs of 224×224.
func TestSqueezeNetsAreTheirTraces(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(golden.Beside(t, "data", "imagenette2-224-subset", "val"), "*", "*"))
	require.NoError(t, err)
	require.Greater(t, len(files), 100)
	slices.Sort(files)
	var photos []pixels.Image
	for i := 0; i < len(files); i += len(files) / 4 {
		m, err := pixels.DefaultDecoder().DecodeFile(files[i], 0)
		require.NoError(t, err)
		photos = append(photos, m)
	}
	embed := func(e features.Extractor) features.Vectors {
		px := 3 * 224 * 224
		x := make([]float32, len(photos)*px)
		for i := range photos {
			require.NoError(t, e.Prepare(x[i*px:(i+1)*px], photos[i]))
		}
		v, err := e.Embed(context.Background(), x, len(photos), 224)
		require.NoError(t, err)
		for i := range 3 { // an image alone
			one, err := e.Embed(context.Background(), x[i*px:(i+1)*px], 1, 224)
			require.NoError(t, err)
			require.Equal(t, v.Features[i*v.Dim:(i+1)*v.Dim], one.Features, "image %d alone", i)
		}
		return v
	}
	for _, c := range []struct {
		version, weights, trace string
		classes                 int
	}{
		{"1.0", "squeezenet_v1_0.safetensors", "squeezenet_v1_0_feat512_logits1000.torchscript.pt", 1000},
		{"1.1", "squeezenet_v1_1_features.safetensors", "squeezenet_v1_1_feat512.torchscript.pt", 0},
	} {
		folder := "squeezenet_v" + c.version[:1] + "_" + c.version[2:]
		e := opened(t, "squeezenet", golden.Beside(t, "models", folder, c.weights), "")
		assert.Equal(t, "squeezenet-"+c.version, e.Identity().Name)
		v := embed(e)
		w := embed(opened(t, "torchscript", golden.Beside(t, "models", folder, c.trace), `, "size": 224`))
		assert.Equal(t, []int{512, c.classes}, []int{v.Dim, v.Classes})
		relative(t, w.Features, v.Features, 1e-4, c.version+" features")
		if c.classes > 0 {
			relative(t, w.Logits, v.Logits, 1e-4, c.version+" logits")
		}
	}
}

// Package decoderfd measures what the JPEG decoder does to a figure; see docs/decoder.md.
package decoderfd

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/metrics/sets"
)

const side = 224

// decoded is every photograph by one decoder.
func decoded(t *testing.T, decoder string) []pixels.Image {
	t.Helper()
	d, err := pixels.ParseDecoder(decoder)
	require.NoError(t, err)
	var all []pixels.Image
	require.NoError(t, filepath.WalkDir(golden.Beside(t, "data", "imagenette2-224-subset"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.EqualFold(filepath.Ext(path), ".jpeg") {
			return err
		}
		m, err := d.DecodeFile(path, 0)
		all = append(all, m)
		return err
	}))
	t.Logf("%d files by %s", len(all), d)
	return all
}

// TestDecodersDifference compares libjpeg-turbo with Go's decoder: in grey levels, and as the Fréchet distance between
// the same photographs decoded both ways, beside that between disjoint halves of them. It fails where the difference
// would be as large as the halves', or nothing.
func TestDecodersDifference(t *testing.T) {
	if os.Getenv("LETHE_SLOW") != "1" {
		t.Skip("set LETHE_SLOW=1 to measure (about two minutes)")
	}
	turbo, golang := decoded(t, "turbo"), decoded(t, "go")
	var means, worsts []float64
	for i, a := range turbo {
		sum, worst := 0, 0
		for j, v := range a.Pix {
			d := int(v) - int(golang[i].Pix[j])
			sum += max(d, -d)
			worst = max(worst, d, -d)
		}
		means = append(means, float64(sum)/float64(len(a.Pix)))
		worsts = append(worsts, float64(worst))
	}
	t.Logf("mean absolute difference of a picture, grey levels: %s", spread(means))
	t.Logf("largest difference of a picture, grey levels: %s", spread(worsts))

	x, y := embedded(t, turbo), embedded(t, golang)
	between, err := sets.FrechetFeatures(x, y)
	require.NoError(t, err)
	halves, err := sets.FrechetFeatures(rows(x, 0), rows(x, 1))
	require.NoError(t, err)
	mixed, err := sets.FrechetFeatures(rows(x, 0), rows(y, 1))
	require.NoError(t, err)
	n, _ := x.Dims()
	t.Logf("fréchet distance, both decoders on the same %d pictures: %.6g; disjoint halves by libjpeg-turbo: %.6g; one half by each: %.6g",
		n, between, halves, mixed)
	require.Positive(t, between)
	require.Less(t, between, halves)
}

func spread(v []float64) string {
	v = slices.Clone(v)
	slices.Sort(v)
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	at := func(p float64) float64 { return v[int(math.Round(p*float64(len(v)-1)))] }
	return fmt.Sprintf("mean %.3f, median %.3f, 95 %% %.3f, worst %.3f, none in %d of %d", sum/float64(len(v)), at(.5), at(.95), at(1),
		len(v)-len(slices.DeleteFunc(slices.Clone(v), func(x float64) bool { return x == 0 })), len(v))
}

// rows takes every second row.
func rows(x *mat.Dense, first int) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n/2, d, nil)
	for i := range n / 2 {
		out.SetRow(i, x.RawRowView(2*i+first))
	}
	return out
}

// embedded are SqueezeNet 1.1's 512 features of each picture.
func embedded(t *testing.T, all []pixels.Image) *mat.Dense {
	t.Helper()
	path := golden.Beside(t, "models", "squeezenet_v1_1", "squeezenet_v1_1_feat512.torchscript.pt")
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	source := features.TorchScript{Path: path, SHA256: fmt.Sprintf("%x", sha256.Sum256(b)), Size: side, Resize: "none", Range: "unit"}
	net, err := source.Open(torch.CPU)
	require.NoError(t, err)
	defer net.Free()
	var out []float64
	for batch := range slices.Chunk(all, 100) {
		x := make([]float32, 3*side*side*len(batch))
		for i, m := range batch {
			require.Equal(t, [2]int{side, side}, [2]int{m.W, m.H})
			require.NoError(t, pixels.ToFloat(x[3*side*side*i:][:3*side*side], m))
		}
		v, err := net.Extract(context.Background(), x, len(batch), side)
		require.NoError(t, err)
		for _, f := range v.Features {
			out = append(out, float64(f))
		}
	}
	return mat.NewDense(len(all), len(out)/len(all), out)
}

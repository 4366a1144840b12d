package features_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/internal/npy"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/sets"
)

// opened opens a named source with a file's own hash.
func opened(t testing.TB, name, path string, more string) features.Extractor {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	from, err := features.All.New(name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(fmt.Sprintf(`{"path": %q, "sha256": %q%s}`, path, audit.DigestBytes(b), more)), from))
	e, err := from.Open(torch.CPU)
	require.NoError(t, err)
	t.Cleanup(e.Free)
	return e
}

// relative holds got to a part of want's largest magnitude.
func relative(t testing.TB, want, got []float32, rel float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	most, off := 0.0, 0.0
	for i, v := range want {
		most = max(most, math.Abs(float64(v)))
		off = max(off, math.Abs(float64(v-got[i])))
	}
	t.Logf("%s: off by %.2g of %.3g", what, off, most)
	require.LessOrEqual(t, off, rel*most, what)
}

func firstImages(t testing.TB, d datasets.Set, n int) ([]float32, []int) {
	t.Helper()
	idx, labels := make([]int, n), make([]int, n)
	for i := range idx {
		idx[i], labels[i] = i, d.Label(i)
	}
	x := make([]float32, n*3*32*32)
	require.NoError(t, d.Read(context.Background(), x, idx))
	return x, labels
}

func accuracy(v features.Vectors, labels []int) float64 {
	right := 0
	for i, label := range labels {
		best := 0
		for k := range v.Classes {
			if v.Logits[i*v.Classes+k] > v.Logits[i*v.Classes+best] {
				best = k
			}
		}
		if best == label {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}

// The published ResNet-20 on CIFAR-10: the rows, the accuracies and the metrics of the reference values, from the
// PyTorch checkpoint; safetensors and the TorchScript trace give the same.
func TestResNet20Golden(t *testing.T) {
	const n = 1000
	checkpoint := golden.Beside(t, "models", "cifar10_resnet", "resnet20-12fca82f.th")
	data := golden.Beside(t, "data", "cifar10-exact", "cifar-10-batches-bin")
	rows, err := npy.ReadFile(golden.Beside(t, "golden", "cifar10_e2e", "resnet20_features.npz"))
	require.NoError(t, err)
	train, test, err := datasets.CIFAR10(data)
	require.NoError(t, err)
	e := opened(t, "resnet20", checkpoint, "")
	assert.Equal(t, "resnet20", e.Identity().Name)
	vectors := map[string]features.Vectors{}
	images := map[string][]float32{}
	for part, d := range map[string]datasets.Set{"a": train, "b": test} {
		x, labels := firstImages(t, d, n)
		v, err := e.Extract(context.Background(), x, n, 32)
		require.NoError(t, err)
		vectors[part], images[part] = v, x
		for name, got := range map[string][]float32{"feat_": v.Features[:50*64], "logits_": v.Logits[:50*10]} {
			for i, w := range rows[name+part].Values {
				require.InDelta(t, w, got[i], 1e-4, "%s%s, value %d", name, part, i)
			}
		}
		assert.InDelta(t, map[string]float64{"a": 0.999, "b": 0.915}[part], accuracy(v, labels), 0.002)
		logits, err := metrics.Embeddings(v.Logits, n, 10)
		require.NoError(t, err)
		is, err := metrics.InceptionScore(logits, metrics.ISOptions{Splits: 1, Variant: metrics.ISFidelity})
		require.NoError(t, err)
		// torch-fidelity, isc_features_to_metric(splits=1, shuffle=False)
		want := map[string]float64{"a": 9.79336092554822, "b": 9.260029366656047}[part]
		assert.InEpsilon(t, want, is.Mean(), 1e-4)
	}
	a, err := metrics.Embeddings(vectors["a"].Features, n, 64)
	require.NoError(t, err)
	b, err := metrics.Embeddings(vectors["b"].Features, n, 64)
	require.NoError(t, err)
	kid, err := sets.KID(a, b, sets.KIDUnbiased)
	require.NoError(t, err)
	assert.InDelta(t, -0.000777771550163564, kid, 1e-4) // torch-fidelity, kernel_mmd
	fd, err := sets.FrechetFeatures(a, b)
	require.NoError(t, err)
	assert.InEpsilon(t, 0.31845928661155654, fd, 1e-3) // pytorch-fid, calculate_frechet_distance

	const few = 100
	x := images["b"][:few*3*32*32]
	for _, other := range []features.Extractor{
		opened(t, "resnet20", golden.Beside(t, "models", "cifar10_resnet", "resnet20.safetensors"), ""),
		opened(t, "torchscript", golden.Beside(t, "models", "cifar10_resnet", "resnet20_feat64_logits10.torchscript.pt"), `, "size": 32`),
	} {
		v, err := other.Extract(context.Background(), x, few, 32)
		require.NoError(t, err)
		relative(t, v.Features, vectors["b"].Features[:few*64], 1e-4, "features of "+other.Identity().Name)
		relative(t, v.Logits, vectors["b"].Logits[:few*10], 1e-4, "logits of "+other.Identity().Name)
	}
}

// The bits of the published network's features do not depend on the batch, and it is not ResNet-56.
func TestResNet56Classifies(t *testing.T) {
	const n = 100
	deep := golden.Beside(t, "models", "cifar10_resnet", "resnet56.safetensors")
	_, test, err := datasets.CIFAR10(golden.Beside(t, "data", "cifar10-exact", "cifar-10-batches-bin"))
	require.NoError(t, err)
	x, labels := firstImages(t, test, n)
	e := opened(t, "resnet56", deep, "")
	v, err := e.Extract(context.Background(), x, n, 32)
	require.NoError(t, err)
	assert.Greater(t, accuracy(v, labels), 0.85)
	for i := range 9 {
		one, err := e.Extract(context.Background(), x[i*3*32*32:(i+1)*3*32*32], 1, 32)
		require.NoError(t, err)
		assert.Equal(t, v.Features[i*64:(i+1)*64], one.Features, "image %d alone", i)
	}
	b, err := os.ReadFile(deep)
	require.NoError(t, err)
	from, err := features.All.New("resnet20")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(fmt.Sprintf(`{"path": %q, "sha256": %q}`, deep, audit.DigestBytes(b))), from))
	_, err = from.Open(torch.CPU)
	assert.ErrorContains(t, err, "180 not the network's (layer1.3.bn1.bias")
}

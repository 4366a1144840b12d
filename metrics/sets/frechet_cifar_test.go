package sets

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/metrics"
)

// records are CIFAR-10's binary records: a label, then 3·32·32 bytes.
type records [][]byte

func cifar(t *testing.T, set, file string) records {
	t.Helper()
	raw, err := os.ReadFile(golden.Beside(t, "data", set, "cifar-10-batches-bin", file+".bin"))
	require.NoError(t, err)
	const size = 1 + 3*32*32
	require.Zero(t, len(raw)%size)
	var out records
	for ; len(raw) > 0; raw = raw[size:] {
		out = append(out, raw[:size])
	}
	return out
}

func (r records) where(f func(label byte) bool) records {
	var out records
	for _, b := range r {
		if f(b[0]) {
			out = append(out, b)
		}
	}
	return out
}

// blocks are the means of each 4×4 block of pixels in [0, 1]: channel, row, column.
func (r records) blocks() *mat.Dense {
	x := mat.NewDense(len(r), 3*8*8, nil)
	for i, b := range r {
		row := x.RawRowView(i)
		for k, v := range b[1:] {
			c, y, x := k/1024, k/32%32, k%32
			row[c*64+y/4*8+x/4] += float64(v) / 255 / 16
		}
	}
	return x
}

// signed are the pixels in [−1, 1].
func (r records) signed() []float32 {
	var out []float32
	for _, b := range r {
		for _, v := range b[1:] {
			out = append(out, float32(v)/127.5-1)
		}
	}
	return out
}

func TestFrechetOfRealImages(t *testing.T) {
	for _, c := range golden.Cases(t, "cifar10_e2e") {
		t.Run(c.ID, func(t *testing.T) {
			var x, y *mat.Dense
			switch c.ID {
			case "jpeg_train1_vs_test_10k":
				x, y = cifar(t, "cifar10-jpeg", "data_batch_1").blocks(), cifar(t, "cifar10-jpeg", "test_batch").blocks()
			case "exact_train1_vs_test":
				x, y = cifar(t, "cifar10-exact", "data_batch_1").blocks(), cifar(t, "cifar10-exact", "test_batch").blocks()
			case "exact_airplane_vs_rest":
				all := cifar(t, "cifar10-exact", "data_batch_1")
				x = all.where(func(l byte) bool { return l == 0 }).blocks()
				y = all.where(func(l byte) bool { return l != 0 }).blocks()
			case "resnet20_rows":
				x, y = c.Matrix(t, "a"), c.Matrix(t, "b")
			case "resnet20_features":
				x, y = embedded(t, "data_batch_1"), embedded(t, "test_batch")
			default:
				require.Fail(t, "unknown case")
			}
			m, f := bothWays(t, x, y)
			for _, by := range []string{"pytorch_fid", "clean_fid", "torch_fidelity", "torchmetrics"} {
				c.Check(t, by, m)
				c.Check(t, by, f)
			}
		})
	}
}

// embedded are the ResNet-20's features of a file's first 1000 images.
func embedded(t *testing.T, file string) *mat.Dense {
	t.Helper()
	path := golden.Beside(t, "models", "cifar10_resnet", "resnet20_feat64_logits10.torchscript.pt")
	images := cifar(t, "cifar10-exact", file)[:1000]
	source := features.TorchScript{Path: path, Resize: "none", Range: "unit",
		SHA256: "92ec58540812e955ad744498f36f190f20c3bf8d7fb073f4bacfc801bd67eea2"}
	e, err := source.Open(torch.CPU)
	require.NoError(t, err)
	defer e.Free()
	v, err := e.Extract(context.Background(), images.signed(), len(images), 32)
	require.NoError(t, err)
	x, err := metrics.Embeddings(v.Features, v.N, v.Dim)
	require.NoError(t, err)
	return x
}

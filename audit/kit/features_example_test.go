package kit_test

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/kit"
)

// means embeds an image as the means of its channels.
type means struct{}

func (*means) Open(kit.Device) (kit.Extractor, error) { return &meaning{}, nil }

type meaning struct{}

func (*meaning) Identity() kit.FeatureIdentity {
	return kit.FeatureIdentity{Name: "means", SHA256: audit.DigestBytes([]byte("no weights"))}
}

func (*meaning) Size() int { return 0 } // images of any size, as they are

func (*meaning) Prepare(dst []float32, m kit.Picture) error {
	area := m.W * m.H
	for i, v := range m.Pix {
		dst[i%3*area+i/3] = float32(v)/127.5 - 1
	}
	return nil
}

func (e *meaning) Embed(ctx context.Context, prepared []float32, n, side int) (kit.Vectors, error) {
	return e.Extract(ctx, prepared, n, side)
}

func (*meaning) Extract(_ context.Context, images []float32, n, size int) (kit.Vectors, error) {
	out := kit.Vectors{N: n, Dim: 3, Features: make([]float32, 3*n)}
	area := size * size
	for i, v := range images {
		out.Features[i/area] += v / float32(area)
	}
	return out, nil
}

func (*meaning) Free() {}

// A source of features opens an extractor, which embeds images.
func Example_features() {
	e, err := (&means{}).Open(kit.CPU)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Free()
	v, err := e.Extract(context.Background(), []float32{1, 0, 0.5}, 1, 1)
	fmt.Println(v.Features, err)
	// Output: [1 0 0.5] <nil>
}

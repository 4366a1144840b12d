// Package features turns images into the vectors that set metrics compare.
package features

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// An Extractor embeds images.
type Extractor interface {
	// Extract embeds images [n, 3, size, size] in [−1, 1] into features [n, Dim]
	// and, where it classifies, logits [n, Classes].
	Extract(ctx context.Context, images []float32, n, size int) (Vectors, error)
	Identity() Identity
	Free()
}

// Vectors are the embeddings of n images.
type Vectors struct {
	N, Dim, Classes  int
	Features, Logits []float32
}

// Identity says whose features they are.
type Identity struct {
	Name   string       `json:"name"`   // as in fd(name)
	SHA256 audit.Digest `json:"sha256"` // of the weights file
	Resize string       `json:"resize"` // filter and size, and a range that is not [0, 1]; "" for neither
}

// A Source opens an extractor.
type Source interface {
	Open(dev torch.Device) (Extractor, error)
}

// All lists the sources.
var All = audit.Set[Source]{
	{Name: "fixture", Doc: "a small classifier of procedural glyphs that comes with Lethe", New: func() Source { return &Fixture{} }},
	{Name: "torchscript", Doc: "a TorchScript file: features [n, d], or a tuple (features, logits [n, k])", New: func() Source { return &TorchScript{Resize: "none", Range: "unit"} }},
}

// at is how many images are embedded at a time.
const at = 64

// inBatches embeds n images of 3·size² values, a few at a time.
func inBatches(ctx context.Context, images []float32, n, size int, embed func(images []float32, n int) (Vectors, error)) (Vectors, error) {
	var out Vectors
	if n < 0 || size < 1 || len(images) != 3*n*size*size {
		return out, fmt.Errorf("features: %d values are not %d images [3, %d, %d]", len(images), n, size, size)
	}
	px := 3 * size * size
	for lo := 0; lo < n; lo += at {
		if ctx.Err() != nil {
			return out, context.Cause(ctx)
		}
		hi := min(lo+at, n)
		b, err := embed(images[lo*px:hi*px], hi-lo)
		if err != nil {
			return out, err
		}
		out.N += b.N
		out.Dim, out.Classes = b.Dim, b.Classes
		out.Features = append(out.Features, b.Features...)
		out.Logits = append(out.Logits, b.Logits...)
	}
	return out, nil
}

// Package features turns images into the vectors that set metrics compare.
package features

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
)

// An Extractor embeds images. Its methods may be called from several goroutines at once. What it makes of an image
// does not depend, to the bit, on the images beside it.
type Extractor interface {
	Identity() Identity
	// Size is the side of prepared pictures; 0 if they may have any, and then all
	// images of a run must be squares of one size, for nothing is resized.
	Size() int
	// Prepare writes the network's input for one picture, [3, side, side].
	Prepare(dst []float32, m pixels.Image) error
	// Embed embeds n prepared pictures into features [n, Dim] and, where it
	// classifies, logits [n, Classes].
	Embed(ctx context.Context, prepared []float32, n, side int) (Vectors, error)
	// Extract embeds images [n, 3, size, size] in [−1, 1].
	Extract(ctx context.Context, images []float32, n, size int) (Vectors, error)
	Free()
}

// Vectors are the embeddings of n images.
type Vectors struct {
	N, Dim, Classes  int
	Features, Logits []float32
}

// Identity says whose features they are.
type Identity struct {
	Name       string       `json:"name"`                 // as in fd(name)
	SHA256     audit.Digest `json:"sha256"`               // of the weights file
	Resize     string       `json:"resize"`               // filter and size, and a range that is not [0, 1]; "" for neither
	Unverified bool         `json:"unverified,omitempty"` // the file is not one of the well-known ones
}

// A Source opens an extractor.
type Source interface {
	Open(dev torch.Device) (Extractor, error)
}

// All lists the sources.
var All = audit.Set[Source]{FixtureEntry, InceptionEntry, CLIPEntry, ResNet20Entry, ResNet56Entry, SqueezeNetEntry, TorchScriptEntry}

// A network is an extractor: a preparation and a forward pass.
type network struct {
	id      Identity
	prepare Preparation
	dev     torch.Device
	// forward makes of x [n, 3, side, side] features [n, d] and, or nil, logits [n, k].
	forward func(s *torch.Scope, x *torch.Tensor) (features, logits *torch.Tensor)
	free    func()
}

func (e *network) Identity() Identity { return e.id }

func (e *network) Size() int { return e.prepare.Size }

func (e *network) Free() { e.free() }

func (e *network) Prepare(dst []float32, m pixels.Image) error { return e.prepare.Planes(dst, m) }

func (e *network) Extract(ctx context.Context, images []float32, n, size int) (Vectors, error) {
	if n < 0 || size < 1 || len(images) != 3*n*size*size {
		return Vectors{}, fmt.Errorf("features: %d values are not %d images [3, %d, %d]", len(images), n, size, size)
	}
	x, side, err := e.prepare.floats(images, n, size)
	if err != nil {
		return Vectors{}, err
	}
	return e.Embed(ctx, x, n, side)
}

func (e *network) Embed(ctx context.Context, x []float32, n, side int) (Vectors, error) {
	if n < 0 || side < 1 || len(x) != 3*n*side*side {
		return Vectors{}, fmt.Errorf("features: %d values are not %d prepared images [3, %d, %d]", len(x), n, side, side)
	}
	var out Vectors
	px := 3 * side * side
	// One by one: the way that kernels sum up depends on the number of rows, and on some processors on a row's place
	// among them, so that images beside an image would change its bits.
	for i := range n {
		if ctx.Err() != nil {
			return out, context.Cause(ctx)
		}
		b, err := e.batch(x[i*px:(i+1)*px], 1, side)
		if err != nil {
			return out, err
		}
		out.N++
		out.Dim, out.Classes = b.Dim, b.Classes
		out.Features = append(out.Features, b.Features...)
		out.Logits = append(out.Logits, b.Logits...)
	}
	return out, finite(out)
}

// try embeds four grey images at once: what a network makes of one does not tell the images' dimension from others.
func (e *network) try(size int) error {
	const n = 4
	x, side, err := e.prepare.floats(make([]float32, n*3*size*size), n, size)
	if err != nil {
		return err
	}
	v, err := e.batch(x, n, side)
	if err != nil {
		return err
	}
	return finite(v)
}

// batch embeds n images at once.
func (e *network) batch(x []float32, n, side int) (Vectors, error) {
	v := Vectors{N: n}
	err := torch.With(e.dev, func(s *torch.Scope) error {
		s.NoGrad(func() {
			f, l := e.forward(s, s.FromFloats(x, int64(n), 3, int64(side), int64(side)))
			if s.Err() != nil {
				return
			}
			v.Dim, v.Features = rows(s, "features", f, n)
			if l != nil {
				v.Classes, v.Logits = rows(s, "logits", l, n)
			}
		})
		return nil
	})
	return v, err
}

// rows reads a tensor that must be [n, d]. A network that squeezes its output gives [d] of one image.
func rows(s *torch.Scope, what string, t *torch.Tensor, n int) (int, []float32) {
	shape := t.Shape()
	if n == 1 && len(shape) == 1 {
		shape = []int64{1, shape[0]}
	}
	if len(shape) != 2 || shape[0] != int64(n) || shape[1] < 1 {
		s.Fail(fmt.Errorf("the %s of %d images have shape %v, want [%d, d]", what, n, shape, n))
		return 0, nil
	}
	return int(shape[1]), s.Floats(t)
}

func finite(v Vectors) error {
	for _, values := range [][]float32{v.Features, v.Logits} {
		for i, x := range values {
			if x-x != 0 {
				return fmt.Errorf("features: the network's output is not finite: does the range fit the network? (value %d)", i)
			}
		}
	}
	return nil
}

// Package outputs holds what a model painted for every part of the data: the one
// thing that metrics and attacks look at.
package outputs

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/models"
)

// How many images of a part are measured, at most.
const (
	maxForget    = 1024
	maxRetain    = 256
	maxTest      = 512
	maxTriggered = 256
)

// Parts lists the measured parts in order.
var Parts = []audit.Part{audit.Forget, audit.Poisoned, audit.Retain, audit.Test, audit.Triggered}

// A Stage is the fixed images and views on which every model is measured.
type Stage struct {
	Size  int
	Index map[audit.Part][]int
	Batch map[audit.Part]corpus.Batch
}

// NewStage reads the images to measure on, of larger parts some at even distances. Parts without images are left out.
func NewStage(ctx context.Context, c *corpus.Corpus) (*Stage, error) {
	st := &Stage{Size: c.Size(), Batch: map[audit.Part]corpus.Batch{}, Index: map[audit.Part][]int{
		audit.Forget:   corpus.Spread(c.CleanForget(), maxForget),
		audit.Poisoned: corpus.Spread(c.Split.Poisoned, maxForget),
		audit.Retain:   corpus.Spread(c.Split.Retain, maxRetain),
		audit.Test:     corpus.Spread(c.Split.Test, maxTest),
	}}
	if len(c.Split.Poisoned) > 0 {
		st.Index[audit.Triggered] = corpus.Spread(st.Index[audit.Test], maxTriggered)
	}
	for _, p := range Parts {
		idx := st.Index[p]
		if len(idx) == 0 {
			delete(st.Index, p)
			continue
		}
		var b corpus.Batch
		var err error
		switch p {
		case audit.Test, audit.Triggered:
			b, err = c.HeldOut(ctx, idx, p == audit.Triggered)
		default:
			b, err = c.Measuring(ctx, idx)
		}
		if err != nil {
			return nil, err
		}
		st.Batch[p] = b
	}
	return st, nil
}

// A Set is one model's paintings of one part. Images are what the model painted
// inside the region, and the truth outside.
type Set struct {
	Images  []float32 // [N, 3, S, S]
	Vectors features.Vectors
	Layers  []Layer // only where somebody asked, and the model can be looked into
}

// A Layer is what one of the model's own layers gives for the part's images.
type Layer struct {
	Name   string
	Units  int
	Values []float32 // [N, Units]
}

// A Model is everything one model painted.
type Model map[audit.Part]*Set

// An Embedder is what is needed of a [features.Extractor].
type Embedder interface {
	Extract(ctx context.Context, images []float32, n, size int) (features.Vectors, error)
}

// Collect lets a model paint the stage, and with layers looks into it where it
// allows that.
func Collect(ctx context.Context, c *corpus.Corpus, st *Stage, m models.Model, e Embedder, layers bool) (Model, error) {
	out := Model{}
	for _, p := range Parts {
		b, ok := st.Batch[p]
		if !ok {
			continue
		}
		painted, err := c.Generate(ctx, m, b.View)
		if err != nil {
			return nil, err
		}
		for i, v := range painted {
			if v != v {
				return nil, fmt.Errorf("the model paints NaN on part %s (value %d)", p, i)
			}
		}
		compose(painted, b)
		v, err := e.Extract(ctx, painted, b.View.N, b.View.Size)
		if err != nil {
			return nil, err
		}
		out[p] = &Set{Images: painted, Vectors: v}
		if l, ok := m.(models.Layered); ok && layers {
			if out[p].Layers, err = look(ctx, c, l, b); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func look(ctx context.Context, c *corpus.Corpus, m models.Layered, b corpus.Batch) ([]Layer, error) {
	values, err := c.Look(ctx, m, b.View)
	if err != nil {
		return nil, err
	}
	out := make([]Layer, len(values))
	for i, name := range m.Layers() {
		out[i] = Layer{Name: name, Units: len(values[i]) / b.View.N, Values: values[i]}
	}
	return out, nil
}

// Truths embeds the true images of every part.
func Truths(ctx context.Context, st *Stage, e Embedder) (map[audit.Part]features.Vectors, error) {
	out := map[audit.Part]features.Vectors{}
	for _, p := range Parts {
		b, ok := st.Batch[p]
		if !ok {
			continue
		}
		v, err := e.Extract(ctx, b.Target, b.View.N, b.View.Size)
		if err != nil {
			return nil, err
		}
		out[p] = v
	}
	return out, nil
}

// compose puts the truth back outside the region.
func compose(painted []float32, b corpus.Batch) {
	area := b.View.Size * b.View.Size
	for i := range painted {
		if b.View.Region[i/(3*area)*area+i%area] == 0 {
			painted[i] = b.Target[i]
		}
	}
}

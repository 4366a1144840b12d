// Package mae is the masked autoencoder.
package mae

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/counts"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/families/vit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Entry is the family in the list of all.
var Entry = audit.Entry[models.Family]{
	Name: "mae",
	Doc:  "masked autoencoder: a ViT encoder on visible patches and a light decoder (He et al. 2022)",
	New: func() models.Family {
		return &Family{Patch: 8, Dim: 128, Depth: 3, Heads: 4, DecoderDim: 96, DecoderDepth: 1, DecoderHeads: 3, Pixels: pixelrange.Tanh}
	},
}

// Family is the masked autoencoder (He et al. 2022, arXiv 2111.06377): a ViT encodes
// the visible patches only; a light ViT decodes them together with a learned
// token at every hidden place. Patches with any hidden pixel count as hidden.
// Positions are fixed sine–cosine embeddings. With ClassToken and Pixels imagenet
// it is the published network, whose weights [Family.Published] names.
type Family struct {
	Patch        int `json:"patch"`
	Dim          int `json:"dim"`
	Depth        int `json:"depth"`
	Heads        int `json:"heads"`
	DecoderDim   int `json:"decoderDim"`
	DecoderDepth int `json:"decoderDepth"`
	DecoderHeads int `json:"decoderHeads"`

	ClassToken bool             `json:"classToken"` // a learned token goes before the patches
	Pixels     pixelrange.Range `json:"pixels"`     // tanh or imagenet
}

// Validate checks the parameters.
func (f *Family) Validate() error {
	if err := counts.Positive(counts.Of("patch", f.Patch), counts.Of("dim", f.Dim), counts.Of("depth", f.Depth), counts.Of("heads", f.Heads),
		counts.Of("decoderDim", f.DecoderDim), counts.Of("decoderDepth", f.DecoderDepth), counts.Of("decoderHeads", f.DecoderHeads)); err != nil {
		return err
	}
	if err := f.Pixels.Validate(); err != nil {
		return err
	}
	if f.Dim%f.Heads != 0 || f.DecoderDim%f.DecoderHeads != 0 || f.Dim%4 != 0 || f.DecoderDim%4 != 0 {
		return fmt.Errorf("dim %d and decoderDim %d must be multiples of 4 and of their heads (%d, %d)", f.Dim, f.DecoderDim,
			f.Heads, f.DecoderHeads)
	}
	return nil
}

// Check wants a side that is a multiple of the patch.
func (f *Family) Check(shape models.Shape) error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("model mae: %w", err)
	}
	if shape.Size%f.Patch != 0 {
		return fmt.Errorf("model mae: image side %d is not a multiple of the patch %d", shape.Size, f.Patch)
	}
	return nil
}

// New draws a fresh model.
func (f *Family) New(dev torch.Device, shape models.Shape, seed uint64) (models.Model, error) {
	if err := f.Check(shape); err != nil {
		return nil, err
	}
	patch := f.Patch * f.Patch * 3
	var l torch.Layout
	l.Add("encoder.embed.weight", torch.XavierUniform(patch, f.Dim), int64(f.Dim), int64(patch))
	l.Add("encoder.embed.bias", torch.Zeros, int64(f.Dim))
	if f.ClassToken {
		l.Add("encoder.class", torch.Normal(0.02), int64(f.Dim))
	}
	for i := range f.Depth {
		vit.AddBlock(&l, fmt.Sprintf("encoder.%d", i), f.Dim)
	}
	l.AddLayerNorm("encoder.norm", f.Dim)
	m := &model{Family: *f, side: shape.Size, encoder: l.Size()}
	l.AddLinear("decoder.embed", f.Dim, f.DecoderDim)
	l.Add("decoder.token", torch.Normal(0.02), int64(f.DecoderDim))
	for i := range f.DecoderDepth {
		vit.AddBlock(&l, fmt.Sprintf("decoder.%d", i), f.DecoderDim)
	}
	l.AddLayerNorm("decoder.norm", f.DecoderDim)
	l.AddLinear("decoder.pixels", f.DecoderDim, patch)
	p, err := torch.NewParams(dev, l, seed)
	if err != nil {
		return nil, fmt.Errorf("model mae: %w", err)
	}
	m.params = p
	g := shape.Size / f.Patch
	m.encPos, m.decPos = positions(g, f.Dim), positions(g, f.DecoderDim)
	return m, nil
}

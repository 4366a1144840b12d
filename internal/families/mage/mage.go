// Package mage is the masked generative encoder, with its tokenizer.
package mage

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/counts"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/families/vit"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Entry is the family in the list of all. Its defaults are small enough to be trained on a CPU: 200 epochs over 256
// procedural shapes, in batches of 32 with a rate falling from 3e-3, take about a minute of one core and memorise them.
var Entry = audit.Entry[models.Family]{
	Name: "mage", Has: audit.Traits{Sampling: true},
	Doc: "masked generative encoder: a ViT on the tokens of a VQ-GAN, decoded step by step (Li et al. 2022)",
	New: func() models.Family {
		return &Family{
			Patch: 8, Codes: 512, Code: 4, Width: 96, Blocks: 1,
			Dim: 64, Depth: 2, Heads: 4, DecoderDim: 64, DecoderDepth: 1, DecoderHeads: 4, Classes: 1,
			Steps: 8, ChoiceTemperature: 6,
			Tokenizer: patchwise, Multipliers: []int{}, Groups: 32, Pixels: pixelrange.Tanh, Critic: 16,
		}
	},
}

// Family is the masked generative encoder (Li et al. 2022, arXiv 2211.09117) on the tokens of a VQ-GAN (Esser et al. 2021):
// a ViT encodes the visible tokens and a class token; a second ViT, in which the encoded class token stands at every masked
// place, predicts the tokens there by their similarity to the token embeddings. It paints by iterative parallel decoding
// (MaskGIT, Chang et al. 2022, arXiv 2202.04200). Patches with any hidden pixel count as masked.
//
// Tokenizer and transformer are trained at once, in one phase: the loss is the tokenizer's, see its docstring, plus the
// cross entropy of the masked tokens. Tokens are whole numbers, so that no weight takes part in both terms' gradients, and
// Adam, which does not see a term's scale, trains both as if each were alone; all the transformer misses of the published
// two stages is that the tokens stand still from the start. With a tokenizer out of a file (TokenizerPath) it is as
// published: that one is fixed, and the transformer alone is trained and unlearned.
//
// The class token is one row of the label embeddings for all images, as in the published unconditional model. There is
// no dropout.
type Family struct {
	Patch  int `json:"patch"`   // pixels along a token's side
	Codes  int `json:"codes"`   // of the codebook
	Code   int `json:"codeDim"` // the size of a code
	Width  int `json:"width"`   // channels of the tokenizer, for vqgan at full side
	Blocks int `json:"blocks"`  // residual layers of the tokenizer's encoder, and of its decoder; for vqgan, of each level

	Tokenizer   string           `json:"tokenizer"`   // patches, or vqgan: the released network
	Multipliers []int            `json:"multipliers"` // of vqgan's channels, for each halving of the side
	Groups      int              `json:"groups"`      // of vqgan's normalisation
	Pixels      pixelrange.Range `json:"pixels"`      // the tokenizer's: tanh, unit or imagenet
	Margin      int              `json:"margin"`      // tokens around the hole that count as hidden too; 1 as released

	TokenizerPath   string `json:"tokenizerPath"`   // a file with the tokenizer's weights, which then stay as they are
	TokenizerSHA256 string `json:"tokenizerSHA256"` // of that file; filled in when the plan is read

	Perceptual       float64 `json:"perceptual"`       // weight of LPIPS in the tokenizer's loss
	PerceptualPath   string  `json:"perceptualPath"`   // SqueezeNet 1.1's weights
	PerceptualSHA256 string  `json:"perceptualSHA256"` // filled in when the plan is read
	LinearPath       string  `json:"linearPath"`       // LPIPS's linear weights
	LinearSHA256     string  `json:"linearSHA256"`     // filled in when the plan is read
	Adversarial      float64 `json:"adversarial"`      // weight of the discriminator's opinion in the tokenizer's loss
	Critic           int     `json:"critic"`           // channels of the discriminator's first layer

	Dim          int `json:"dim"`
	Depth        int `json:"depth"`
	Heads        int `json:"heads"`
	DecoderDim   int `json:"decoderDim"`
	DecoderDepth int `json:"decoderDepth"`
	DecoderHeads int `json:"decoderHeads"`
	Classes      int `json:"classes"` // rows of label embeddings; 1 suffices, the published model has 1000

	Steps             int     `json:"steps"`             // of decoding; 20 in the paper
	Temperature       float64 `json:"temperature"`       // of drawing a token; 1 in the paper, 0, the default, takes the likeliest
	ChoiceTemperature float64 `json:"choiceTemperature"` // of choosing which tokens stay; 6 in the paper, falling to 0
	// ShowMask shows the encoder a mask token at masked places: in painting at all, in training at those beyond half of
	// all tokens, as published. Otherwise masked places are left out.
	ShowMask bool `json:"showMask"`
}

// Validate checks the parameters.
func (f *Family) Validate() error {
	if err := counts.Positive(counts.Of("patch", f.Patch), counts.Of("codeDim", f.Code), counts.Of("width", f.Width),
		counts.Of("dim", f.Dim), counts.Of("depth", f.Depth), counts.Of("heads", f.Heads),
		counts.Of("decoderDim", f.DecoderDim), counts.Of("decoderDepth", f.DecoderDepth), counts.Of("decoderHeads", f.DecoderHeads),
		counts.Of("classes", f.Classes), counts.Of("steps", f.Steps)); err != nil {
		return err
	}
	switch {
	case f.Codes < 2:
		return fmt.Errorf("codes is %d: want at least 2", f.Codes)
	case f.Blocks < 0:
		return fmt.Errorf("blocks is %d: want at least 0", f.Blocks)
	case f.Dim%f.Heads != 0 || f.DecoderDim%f.DecoderHeads != 0:
		return fmt.Errorf("dim %d and decoderDim %d must be multiples of their heads (%d, %d)", f.Dim, f.DecoderDim, f.Heads, f.DecoderHeads)
	case !(f.Temperature >= 0 && f.Temperature <= 100) || !(f.ChoiceTemperature >= 0 && f.ChoiceTemperature <= 100):
		return fmt.Errorf("temperature %v and choiceTemperature %v: want numbers from 0 to 100", f.Temperature, f.ChoiceTemperature)
	}
	return f.validateTokenizer()
}

// Check wants a side that is a multiple of the patch, and more than one token.
func (f *Family) Check(shape models.Shape) error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("model mage: %w", err)
	}
	if shape.Size%f.Patch != 0 || shape.Size < 2*f.Patch {
		return fmt.Errorf("model mage: image side %d is not a multiple of the patch %d from %d on", shape.Size, f.Patch, 2*f.Patch)
	}
	if f.Adversarial > 0 && shape.Size < minCritic {
		return fmt.Errorf("model mage: the discriminator of the adversarial term wants images of side %d, these are of side %d",
			minCritic, shape.Size)
	}
	if f.Perceptual > 0 && shape.Size < features.MinPerceptualSide {
		return fmt.Errorf("model mage: the network of the perceptual term wants images of side %d, these are of side %d",
			features.MinPerceptualSide, shape.Size)
	}
	return nil
}

// vocabulary is codes, classes and the mask token, in this order.
func (f *Family) vocabulary() int { return f.Codes + f.Classes + 1 }

// label is the class token of all images: the published model's is the 77th of its 1000.
func (f *Family) label() int64 { return int64(f.Codes + min(76, f.Classes-1)) }

// New draws a fresh model. The encoder's stretch of the weights, on which alone Encode depends, holds the tokenizer's
// encoder and codebook, the token embeddings and the transformer's encoder. No gradient of an embedding's goes through
// tokens to the tokenizer, so that a method which trains the encoder leaves the tokenizer as it was.
func (f *Family) New(dev torch.Device, shape models.Shape, seed uint64) (models.Model, error) {
	if err := f.Check(shape); err != nil {
		return nil, err
	}
	tok, err := f.tokenizer(dev, shape.Size)
	if err != nil {
		return nil, fmt.Errorf("model mage: %w", err)
	}
	if tok.terms, err = f.terms(dev); err != nil {
		return nil, fmt.Errorf("model mage: %w", err)
	}
	m := &model{Family: *f, side: shape.Size, tok: tok}
	var l torch.Layout
	m.tok.addEncoder(&l)
	place := int64(m.tok.tokens() + 1)
	l.Add("encoder.words", torch.Normal(0.02), int64(f.vocabulary()), int64(f.Dim))
	l.Add("encoder.places", torch.Normal(0.02), place, int64(f.Dim))
	l.AddLayerNorm("encoder.embed", f.Dim)
	for i := range f.Depth {
		vit.AddBlock(&l, fmt.Sprintf("encoder.%d", i), f.Dim)
	}
	l.AddLayerNorm("encoder.norm", f.Dim)
	m.encoder = l.Size()
	linear := func(name string, in, out int) {
		l.Add(name+".weight", torch.XavierUniform(in, out), int64(out), int64(in))
		l.Add(name+".bias", torch.Zeros, int64(out))
	}
	linear("decoder.embed", f.Dim, f.DecoderDim)
	l.Add("decoder.places", torch.Normal(0.02), place, int64(f.DecoderDim))
	for i := range f.DecoderDepth {
		vit.AddBlock(&l, fmt.Sprintf("decoder.%d", i), f.DecoderDim)
	}
	l.AddLayerNorm("decoder.norm", f.DecoderDim)
	linear("decoder.word", f.DecoderDim, f.Dim)
	l.AddLayerNorm("decoder.wordNorm", f.Dim)
	l.Add("decoder.wordBias", torch.Zeros, int64(f.vocabulary()))
	if f.Adversarial > 0 {
		critic{f.Critic}.add(&l)
	}
	m.tok.addDecoder(&l) // its layer of pixels is the last, as of the other families
	if m.params, err = torch.NewParams(dev, l, seed); err != nil {
		return nil, fmt.Errorf("model mage: %w", err)
	}
	return m, nil
}

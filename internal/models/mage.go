package models

import (
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/torch"
)

// MAGE is the masked generative encoder (Li et al. 2022, arXiv 2211.09117) on the tokens of a VQ-GAN (Esser et al. 2021):
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
type MAGE struct {
	Patch  int `json:"patch"`   // pixels along a token's side
	Codes  int `json:"codes"`   // of the codebook
	Code   int `json:"codeDim"` // the size of a code
	Width  int `json:"width"`   // channels of the tokenizer, for vqgan at full side
	Blocks int `json:"blocks"`  // residual layers of the tokenizer's encoder, and of its decoder; for vqgan, of each level

	Tokenizer   string `json:"tokenizer"`   // patches, or vqgan: the released network
	Multipliers []int  `json:"multipliers"` // of vqgan's channels, for each halving of the side
	Groups      int    `json:"groups"`      // of vqgan's normalisation
	Pixels      Pixels `json:"pixels"`      // the tokenizer's: tanh, unit or imagenet
	Margin      int    `json:"margin"`      // tokens around the hole that count as hidden too; 1 as released

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

// newMAGE is small enough to be trained on a CPU: 200 epochs over 256 procedural shapes, in batches of 32 with a rate
// falling from 3e-3, take about a minute of one core and memorise them.
func newMAGE() *MAGE {
	return &MAGE{
		Patch: 8, Codes: 512, Code: 4, Width: 96, Blocks: 1,
		Dim: 64, Depth: 2, Heads: 4, DecoderDim: 64, DecoderDepth: 1, DecoderHeads: 4, Classes: 1,
		Steps: 8, ChoiceTemperature: 6,
		Tokenizer: patchwise, Multipliers: []int{}, Groups: 32, Pixels: Tanh, Critic: 16,
	}
}

// Validate checks the parameters.
func (f *MAGE) Validate() error {
	if err := positive(size{"patch", f.Patch}, size{"codeDim", f.Code}, size{"width", f.Width},
		size{"dim", f.Dim}, size{"depth", f.Depth}, size{"heads", f.Heads},
		size{"decoderDim", f.DecoderDim}, size{"decoderDepth", f.DecoderDepth}, size{"decoderHeads", f.DecoderHeads},
		size{"classes", f.Classes}, size{"steps", f.Steps}); err != nil {
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
func (f *MAGE) Check(shape Shape) error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("model mage: %w", err)
	}
	if shape.Size%f.Patch != 0 || shape.Size < 2*f.Patch {
		return fmt.Errorf("model mage: image side %d is not a multiple of the patch %d from %d on", shape.Size, f.Patch, 2*f.Patch)
	}
	if f.Adversarial > 0 && shape.Size < minCritic {
		return fmt.Errorf("model mage: the discriminator of the adversarial term wants images of side %d, these are of side %d", minCritic, shape.Size)
	}
	if f.Perceptual > 0 && shape.Size < features.MinPerceptualSide {
		return fmt.Errorf("model mage: the network of the perceptual term wants images of side %d, these are of side %d", features.MinPerceptualSide, shape.Size)
	}
	return nil
}

// vocabulary is codes, classes and the mask token, in this order.
func (f *MAGE) vocabulary() int { return f.Codes + f.Classes + 1 }

// label is the class token of all images: the published model's is the 77th of its 1000.
func (f *MAGE) label() int64 { return int64(f.Codes + min(76, f.Classes-1)) }

// New draws a fresh model. The encoder's stretch of the weights, on which alone Encode depends, holds the tokenizer's
// encoder and codebook, the token embeddings and the transformer's encoder. No gradient of an embedding's goes through
// tokens to the tokenizer, so that a method which trains the encoder leaves the tokenizer as it was.
func (f *MAGE) New(dev torch.Device, shape Shape, seed uint64) (Model, error) {
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
	m := &mage{MAGE: *f, side: shape.Size, tok: tok}
	var l torch.Layout
	m.tok.addEncoder(&l)
	place := int64(m.tok.tokens() + 1)
	l.Add("encoder.words", torch.Normal(0.02), int64(f.vocabulary()), int64(f.Dim))
	l.Add("encoder.places", torch.Normal(0.02), place, int64(f.Dim))
	l.AddLayerNorm("encoder.embed", f.Dim)
	for i := range f.Depth {
		addBlock(&l, fmt.Sprintf("encoder.%d", i), f.Dim)
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
		addBlock(&l, fmt.Sprintf("decoder.%d", i), f.DecoderDim)
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

type mage struct {
	MAGE
	params        *torch.Params
	tok           *tokenizer
	side, encoder int
}

func (m *mage) Params() *torch.Params { return m.params }

func (m *mage) EncoderSize() int { return m.encoder }

// Encode embeds the class token and the visible tokens, [N, 1+V, Dim].
func (m *mage) Encode(s *torch.Scope, w torch.Weights, in Input) *torch.Tensor {
	blocks := m.look(s, w, in)
	if len(blocks) == 0 {
		return in.X
	}
	return m.norm(s, w, blocks)
}

// Layers are the encoder's blocks.
func (m *mage) Layers() []string { return blockNames("encoder", m.Depth) }

// Activations of the blocks, averaged over the class token and the visible ones.
func (m *mage) Activations(s *torch.Scope, in Input) []*torch.Tensor {
	return meanToken(s, m.look(s, m.Params().Bind(s), in))
}

// look returns the outputs of the encoder's blocks on what is visible, none where it fails.
func (m *mage) look(s *torch.Scope, w torch.Weights, in Input) []*torch.Tensor {
	b := m.read(s, w, in)
	if s.Err() != nil {
		return nil
	}
	return m.encode(s, w, b, m.shown(b, false))
}

// Decode paints in one step from the embedding: every hidden place takes its likeliest token. See relaxed for gradients.
func (m *mage) Decode(s *torch.Scope, w torch.Weights, in Input, z *torch.Tensor) *torch.Tensor {
	b := m.read(s, w, in)
	if s.Err() != nil {
		return in.X
	}
	logits := m.codes(s, m.predict(s, w, b, z, m.shown(b, false), b.paint))
	b.set(b.paint, s.Ints(s.Argmax(logits, -1)))
	return m.painting(s, w, b, m.relaxed(s, w, logits))
}

// Generate paints by iterative decoding with draws from the seed; see decode. The same seed and place give the same
// painting. Gradients, where they are recorded, are those of relaxed on the prediction in one step.
func (m *mage) Generate(s *torch.Scope, in Input) *torch.Tensor {
	w := m.Params().Bind(s)
	b := m.read(s, w, in)
	if s.Err() != nil {
		return in.X
	}
	var logits *torch.Tensor
	if w["encoder.words"].Tracked() || in.X.Tracked() {
		kept := m.shown(b, m.ShowMask)
		logits = m.codes(s, m.predict(s, w, b, m.norm(s, w, m.encode(s, w, b, kept)), kept, b.paint))
	}
	s.NoGrad(func() { m.decode(s, w, b, in.Seed, in.First) })
	if s.Err() != nil {
		return in.X
	}
	if logits == nil {
		return m.painting(s, w, b, nil)
	}
	return m.painting(s, w, b, m.relaxed(s, w, logits))
}

// Loss is every image's loss of the tokenizer on the whole target, plus the smoothed cross entropy of the masked tokens,
// in nats (paper, 3.1). Of the region's tokens a share drawn from the seed is masked, for the batch the same, and
// which ones, for every image others: see hide.
func (m *mage) Loss(s *torch.Scope, in Input, target, _ *torch.Tensor) *torch.Tensor {
	w := m.Params().Bind(s)
	b := m.read(s, w, in)
	if s.Err() != nil {
		return target
	}
	loss, truth := m.tok.loss(s, w, target, in.N)
	if s.Err() != nil {
		return target
	}
	masked, kept := m.hide(b, truth, in.Seed)
	logits := m.predict(s, w, b, m.norm(s, w, m.encode(s, w, b, kept)), kept, masked)
	classes := make([]int64, 0, len(masked))
	for i, p := range masked {
		classes = append(classes, truth[i/(len(masked)/b.n)*b.tokens+int(p)])
	}
	if s.Err() == nil && len(classes) == 0 {
		s.Fail(errors.New("model mage: nothing is masked"))
	}
	ce := s.SmoothedCrossEntropy(s.Reshape(logits, -1, int64(m.vocabulary())), s.FromInts(classes, int64(len(classes))), 0.1)
	return s.Add(loss, s.MeanDims(s.Reshape(ce, int64(b.n), -1), false, 1))
}

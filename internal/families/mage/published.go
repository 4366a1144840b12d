package mage

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/families/vit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// Released are the parameters of the released ViT-B, for images of side 256: 16 × 16 tokens of a codebook of 1024,
// 1000 label embeddings, the encoder 768 wide and 12 deep, the decoder 768 wide and 8 deep, and MaskGIT's tokenizer.
// For tests: a plan gives these parameters itself.
func Released() *Family {
	return &Family{
		Patch: 16, Codes: 1024, Code: 256, Width: 128, Blocks: 2,
		Tokenizer: published, Multipliers: []int{1, 1, 2, 2, 4}, Groups: 32, Pixels: pixelrange.Unit, Margin: 1, Critic: 64,
		Dim: 768, Depth: 12, Heads: 12, DecoderDim: 768, DecoderDepth: 8, DecoderHeads: 16, Classes: 1000,
		Steps: 20, Temperature: 1, ChoiceTemperature: 6, ShowMask: true,
	}
}

// Published lists the weights of the state_dict under the key model of the checkpoints of Li et al. (2022) for these
// parameters, in its order of modules: with Released for images of side 256, the released ViT-B's. Weights that have
// no counterpart are the patch embedding, the class and mask tokens, the fixed positions and the prediction of pixels,
// which the published code carries but never reads, and the index of positions, a constant. The tokenizer's stand under
// vqgan.; a fixed tokenizer must be the file's, and one of patches has none there.
//
// ViT-B's MLPs have 4·dim hidden units. Its layer normalisations have ε = 1e-6 and the last one 1e-5, as here.
func (f *Family) Published(shape models.Shape) []weights.Published {
	d, e, words := int64(f.Dim), int64(f.DecoderDim), int64(f.vocabulary())
	t := int64(shape.Size / f.Patch * (shape.Size / f.Patch))
	var out []weights.Published
	add := func(theirs, ours string, shape ...int64) {
		out = append(out, weights.Published{Theirs: theirs, Ours: ours, Shape: shape})
	}
	pair := func(theirs, ours string, shape ...int64) { // a layer's weight and bias
		add(theirs+".weight", ours+".weight", shape...)
		add(theirs+".bias", ours+".bias", shape[0])
	}
	unused := func(theirs string, shape ...int64) {
		out = append(out, weights.Published{Theirs: theirs, Shape: shape, Optional: true})
	}
	blocks := func(theirs, ours string, depth int, d int64) {
		for i := range depth {
			out = append(out, vit.PublishedBlock(fmt.Sprintf("%s.%d", theirs, i), fmt.Sprintf("%s.%d", ours, i), d)...)
		}
	}
	unused("cls_token", 1, 1, d)
	unused("pos_embed", 1, t+1, d)
	unused("mask_token", 1, 1, e)
	unused("decoder_pos_embed", 1, t+1, e)
	add("decoder_pos_embed_learned", "decoder.places", 1, t+1, e)
	unused("token_emb.position_ids", 1, t+1)
	add("token_emb.word_embeddings.weight", "encoder.words", words, d)
	add("token_emb.position_embeddings.weight", "encoder.places", t+1, d)
	pair("token_emb.LayerNorm", "encoder.embed", d)
	unused("patch_embed.proj.weight", d, 3, int64(f.Patch), int64(f.Patch))
	unused("patch_embed.proj.bias", d)
	blocks("blocks", "encoder", f.Depth, d)
	pair("norm", "encoder.norm", d)
	pair("decoder_embed", "decoder.embed", e, d)
	blocks("decoder_blocks", "decoder", f.DecoderDepth, e)
	pair("decoder_norm", "decoder.norm", e)
	unused("decoder_pred.weight", 3*int64(f.Patch*f.Patch), e)
	unused("decoder_pred.bias", 3*int64(f.Patch*f.Patch))
	add("mlm_layer.bias", "decoder.wordBias", 1, 1, words)
	pair("mlm_layer.fc", "decoder.word", d, e)
	pair("mlm_layer.ln", "decoder.wordNorm", d)
	return append(out, f.publishedTokenizer(shape)...)
}

// publishedTokenizer names the tokenizer's tensors. A file of fixed ones that cannot be read is an error of New.
func (f *Family) publishedTokenizer(shape models.Shape) (out []weights.Published) {
	if f.Tokenizer != published {
		return nil
	}
	t, err := f.tokenizer(torch.CPU, shape.Size)
	if err != nil {
		return nil
	}
	var l torch.Layout
	t.declareEncoder(&l)
	t.net.addDecoder(&l)
	var values []float32
	if t.fixed != nil {
		if values, err = t.fixed.Values(); err != nil {
			return nil
		}
	}
	for _, q := range l {
		theirs := strings.TrimPrefix(q.Name, "tokenizer.")
		if theirs == "codebook" {
			theirs = releasedBook
		}
		p := weights.Published{Theirs: "vqgan." + theirs, Ours: q.Name, Shape: q.Shape}
		if values != nil {
			p.Ours, p.Fixed, p.By = "", values[q.Offset:q.Offset+q.Size()], "the tokenizer of tokenizerPath"
		}
		out = append(out, p)
	}
	return out
}

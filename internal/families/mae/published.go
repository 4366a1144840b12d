package mae

import (
	"fmt"

	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/families/vit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/weights"
)

// Published names the tensors of facebookresearch/mae's checkpoints that hold the decoder too. They need classToken
// and pixels imagenet, patches of 16 and side 224: dim 768, depth 12 and heads 12 are ViT-B/16, 1024, 24 and 16
// ViT-L/16, and both have decoderDim 512, decoderDepth 8 and decoderHeads 16. Networks trained towards patches of
// normalised pixels (norm_pix_loss) are read, but do not paint pixels.
func (f *Family) Published(shape models.Shape) []weights.Published {
	if !f.ClassToken || f.Pixels != pixelrange.ImageNet {
		return nil
	}
	g := shape.Size / f.Patch
	d, dd, p, tokens := int64(f.Dim), int64(f.DecoderDim), int64(f.Patch), int64(g*g+1)
	var out []weights.Published
	add := func(theirs, ours string, shape ...int64) {
		out = append(out, weights.Published{Theirs: theirs, Ours: ours, Shape: shape})
	}
	layer := func(theirs, ours string, shape ...int64) {
		add(theirs+".weight", ours+".weight", shape...)
		add(theirs+".bias", ours+".bias", shape[0])
	}
	fixed := func(theirs string, d int64) {
		out = append(out, weights.Published{Theirs: theirs, Shape: []int64{1, tokens, d}, Fixed: append(make([]float32, d),
			positions(g, int(d))...)})
	}
	block := func(theirs, ours string, d int64) { out = append(out, vit.PublishedBlock(theirs, ours, d)...) }
	add("cls_token", "encoder.class", 1, 1, d)
	fixed("pos_embed", d)
	layer("patch_embed.proj", "encoder.embed", d, 3, p, p)
	for i := range f.Depth {
		block(fmt.Sprintf("blocks.%d", i), fmt.Sprintf("encoder.%d", i), d)
	}
	layer("norm", "encoder.norm", d)
	add("mask_token", "decoder.token", 1, 1, dd)
	fixed("decoder_pos_embed", dd)
	layer("decoder_embed", "decoder.embed", dd, d)
	for i := range f.DecoderDepth {
		block(fmt.Sprintf("decoder_blocks.%d", i), fmt.Sprintf("decoder.%d", i), dd)
	}
	layer("decoder_norm", "decoder.norm", dd)
	// Their decoder paints a patch row by row, column by column, channel by channel; ours channel by channel.
	out = append(out,
		weights.Published{Theirs: "decoder_pred.weight", Ours: "decoder.pixels.weight", Shape: []int64{p * p * 3, dd},
			Split: []int64{p, p, 3, dd}, Permute: []int64{2, 0, 1, 3}},
		weights.Published{Theirs: "decoder_pred.bias", Ours: "decoder.pixels.bias", Shape: []int64{p * p * 3}, Split: []int64{p, p,
			3}, Permute: []int64{2, 0, 1}})
	return out
}

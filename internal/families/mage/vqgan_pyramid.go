package mage

import (
	"fmt"

	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/torch"
)

// pyramidCoder is the network of the released tokenizer of MaskGIT and MAGE: VQGAN's (Esser et al. 2021, appendix A)
// without attention. Residual blocks of 3×3 convolutions with group normalisation and SiLU at every level; between
// levels the encoder averages squares of two pixels, and the decoder repeats pixels and convolves. Its convolutions see
// far over a token's border: what is hidden must be taken out of the image first, and tokens near a hole are others than
// without it (see Family.Margin).
//
// The names of its weights are the released ones behind tokenizer. Two facts of the released network that its drawing
// does not show: most convolutions have no bias, and the shortcut of a block that changes the number of channels is a 1×1
// convolution of the block's *output*, which is added to that output: the input does not reach past the block.
type pyramidCoder struct {
	grid, dim     int   // tokens along an image's side; the size of a code
	channels      int   // at full side
	multipliers   []int // of the channels at each level, for each halving of the side
	blocks        int   // residual blocks of a level; the decoder has as many
	groups, codes int   // of normalisation; of the codebook
	pixels        pixelrange.Range
}

func (*pyramidCoder) local() bool { return false }

// code is as published: U(−1/codes, 1/codes).
func (c *pyramidCoder) code() torch.Init { return torch.FanIn(c.codes * c.codes) }

// A pyramidBlock is a residual block.
type pyramidBlock struct {
	name    string
	in, out int
}

// width is the number of channels at a level.
func (c *pyramidCoder) width(level int) int { return c.channels * c.multipliers[level] }

// last is the coarsest level.
func (c *pyramidCoder) last() int { return len(c.multipliers) - 1 }

// way lists the blocks of each level, from the given number of channels on.
func (c *pyramidCoder) way(part string, levels []int, in int) map[int][]pyramidBlock {
	out := map[int][]pyramidBlock{}
	for _, l := range levels {
		for i := range c.blocks {
			out[l] = append(out[l], pyramidBlock{fmt.Sprintf("tokenizer.%s.%d.block.%d", part, l, i), in, c.width(l)})
			in = c.width(l)
		}
	}
	return out
}

func (c *pyramidCoder) down() map[int][]pyramidBlock {
	return c.way("encoder.down", c.levels(), c.channels)
}

func (c *pyramidCoder) up() map[int][]pyramidBlock {
	var levels []int
	for l := c.last(); l >= 0; l-- {
		levels = append(levels, l)
	}
	return c.way("decoder.up", levels, c.width(c.last()))
}

func (c *pyramidCoder) levels() []int {
	out := make([]int, len(c.multipliers))
	for i := range out {
		out[i] = i
	}
	return out
}

// middle are the two blocks at the coarsest level.
func (c *pyramidCoder) middle(part string) []pyramidBlock {
	w := c.width(c.last())
	return []pyramidBlock{{"tokenizer." + part + ".mid.block_1", w, w}, {"tokenizer." + part + ".mid.block_2", w, w}}
}

func (c *pyramidCoder) addEncoder(l *torch.Layout) {
	const part = "tokenizer.encoder"
	bare(l, part+".conv_in", 3, c.channels, 3)
	blocks := c.down()
	for _, level := range c.levels() {
		addBlocks(l, blocks[level])
	}
	addBlocks(l, c.middle("encoder"))
	l.AddGroupNorm(part+".norm_out", c.width(c.last()))
	l.AddConv(part+".conv_out", c.width(c.last()), c.dim, 1)
}

func (c *pyramidCoder) addDecoder(l *torch.Layout) {
	const part = "tokenizer.decoder"
	l.AddConv(part+".conv_in", c.dim, c.width(c.last()), 3)
	addBlocks(l, c.middle("decoder"))
	blocks := c.up()
	for level := c.last(); level >= 0; level-- {
		addBlocks(l, blocks[level])
		if level > 0 {
			l.AddConv(fmt.Sprintf("%s.up.%d.upsample.conv", part, level), c.width(level), c.width(level), 3)
		}
	}
	l.AddGroupNorm(part+".norm_out", c.width(0))
	l.AddConv(part+".conv_out", c.width(0), 3, 3)
}

func addBlocks(l *torch.Layout, blocks []pyramidBlock) {
	for _, b := range blocks {
		l.AddGroupNorm(b.name+".norm1", b.in)
		bare(l, b.name+".conv1", b.in, b.out, 3)
		l.AddGroupNorm(b.name+".norm2", b.out)
		bare(l, b.name+".conv2", b.out, b.out, 3)
		if b.in != b.out {
			bare(l, b.name+".nin_shortcut", b.out, b.out, 1)
		}
	}
}

// bare declares a convolution without a bias.
func bare(l *torch.Layout, name string, in, out, k int) {
	l.Add(name+".weight", torch.FanIn(in*k*k), int64(out), int64(in), int64(k), int64(k))
}

func (c *pyramidCoder) encode(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor {
	h := s.Conv2DNoBias(c.pixels.In(s, x), w["tokenizer.encoder.conv_in.weight"], 1, 1)
	blocks := c.down()
	for _, level := range c.levels() {
		h = c.run(s, w, blocks[level], h)
		if level < c.last() {
			h = s.AvgPool2D(h, 2)
		}
	}
	h = c.run(s, w, c.middle("encoder"), h)
	h = w.Conv(s, "tokenizer.encoder.conv_out", s.SiLU(c.norm(s, w, "tokenizer.encoder.norm_out", h)), 1, 0)
	return s.Transpose(s.Reshape(h, -1, int64(c.dim), int64(c.grid*c.grid)), 1, 2)
}

func (c *pyramidCoder) decode(s *torch.Scope, w torch.Weights, q *torch.Tensor) *torch.Tensor {
	g := int64(c.grid)
	h := w.Conv(s, "tokenizer.decoder.conv_in", s.Reshape(s.Transpose(q, 1, 2), -1, int64(c.dim), g, g), 1, 1)
	h = c.run(s, w, c.middle("decoder"), h)
	blocks := c.up()
	for level := c.last(); level >= 0; level-- {
		h = c.run(s, w, blocks[level], h)
		if level > 0 {
			h = w.Conv(s, fmt.Sprintf("tokenizer.decoder.up.%d.upsample.conv", level), s.UpsampleNearest(h, 2), 1, 1)
		}
	}
	h = w.Conv(s, "tokenizer.decoder.conv_out", s.SiLU(c.norm(s, w, "tokenizer.decoder.norm_out", h)), 1, 1)
	return c.pixels.Out(s, h)
}

// run passes h through blocks, each in a scope of its own: at full side their activations are large.
func (c *pyramidCoder) run(s *torch.Scope, w torch.Weights, blocks []pyramidBlock, h *torch.Tensor) *torch.Tensor {
	for _, b := range blocks {
		x := h
		h = s.Within(func(s *torch.Scope) *torch.Tensor {
			y := s.Conv2DNoBias(s.SiLU(c.norm(s, w, b.name+".norm1", x)), w[b.name+".conv1.weight"], 1, 1)
			y = s.Conv2DNoBias(s.SiLU(c.norm(s, w, b.name+".norm2", y)), w[b.name+".conv2.weight"], 1, 1)
			if b.in != b.out {
				return s.Add(s.Conv2DNoBias(y, w[b.name+".nin_shortcut.weight"], 1, 0), y)
			}
			return s.Add(x, y)
		})
	}
	return h
}

func (c *pyramidCoder) norm(s *torch.Scope, w torch.Weights, name string, x *torch.Tensor) *torch.Tensor {
	return s.GroupNorm(x, w[name+".weight"], w[name+".bias"], int64(c.groups), 1e-6)
}

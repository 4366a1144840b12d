package mage

import (
	"fmt"

	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/torch"
)

// patchCoder is a tokenizer's network that is cheap on a CPU. The encoder is a convolution whose stride is its kernel,
// then residual layers of kernel one: a token's receptive field is its own patch, so that tokens of visible patches hold
// nothing of hidden pixels, and the visible patches' tokens are the same with and without a hole. The decoder's residual
// layers of kernel three work on the grid of tokens; pixel shuffling brings the full resolution back.
type patchCoder struct {
	patch, grid   int // pixels along a token's side, tokens along an image's side
	dim           int // of a code
	width, blocks int // channels and residual layers
	pixels        pixelrange.Range
}

func (patchCoder) local() bool { return true }

// code is about as spread as fresh features.
func (patchCoder) code() torch.Init { return torch.Normal(0.5) }

func (c patchCoder) addEncoder(l *torch.Layout) {
	l.AddLinear("tokenizer.encoder.embed", 3*c.patch*c.patch, c.width)
	for i := range c.blocks {
		name := fmt.Sprintf("tokenizer.encoder.%d", i)
		l.AddLayerNorm(name+".norm", c.width)
		l.AddLinear(name+".fc1", c.width, 2*c.width)
		l.AddLinear(name+".fc2", 2*c.width, c.width)
	}
	l.AddLayerNorm("tokenizer.encoder.norm", c.width)
	l.AddLinear("tokenizer.encoder.code", c.width, c.dim)
}

func (c patchCoder) addDecoder(l *torch.Layout) {
	l.AddConv("tokenizer.decoder.embed", c.dim, c.width, 3)
	for i := range c.blocks {
		name := fmt.Sprintf("tokenizer.decoder.%d", i)
		l.AddConv(name+".conv1", c.width, c.width, 3)
		l.AddConv(name+".conv2", c.width, c.width, 3)
	}
	l.AddConv("tokenizer.decoder.pixels", c.width, 3*c.patch*c.patch, 3)
}

func (c patchCoder) encode(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor {
	x = s.PixelUnshuffle(c.pixels.In(s, x), int64(c.patch))
	x = s.Transpose(s.Reshape(x, -1, int64(3*c.patch*c.patch), int64(c.grid*c.grid)), 1, 2)
	h := w.Linear(s, "tokenizer.encoder.embed", x)
	for i := range c.blocks {
		name := fmt.Sprintf("tokenizer.encoder.%d", i)
		r := w.Linear(s, name+".fc1", w.LayerNorm(s, name+".norm", h))
		h = s.Add(h, w.Linear(s, name+".fc2", s.SiLU(r)))
	}
	return w.Linear(s, "tokenizer.encoder.code", w.LayerNorm(s, "tokenizer.encoder.norm", h))
}

func (c patchCoder) decode(s *torch.Scope, w torch.Weights, q *torch.Tensor) *torch.Tensor {
	g := int64(c.grid)
	h := w.Conv(s, "tokenizer.decoder.embed", s.Reshape(s.Transpose(q, 1, 2), -1, int64(c.dim), g, g), 1, 1)
	for i := range c.blocks {
		name := fmt.Sprintf("tokenizer.decoder.%d", i)
		r := w.Conv(s, name+".conv1", s.SiLU(h), 1, 1)
		h = s.Add(h, w.Conv(s, name+".conv2", s.SiLU(r), 1, 1))
	}
	h = w.Conv(s, "tokenizer.decoder.pixels", s.SiLU(h), 1, 1)
	return c.pixels.Out(s, s.PixelShuffle(h, int64(c.patch)))
}

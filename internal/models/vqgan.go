package models

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// A tokenizer turns images into tokens of a codebook and back: the vector-quantised autoencoder of VQGAN (Esser et al.
// 2021, arXiv 2012.09841, 3.1). Its training loss of an image x with features z = E(x), nearest codes e and painting
// x̂ = G(z + sg(e − z)), the straight-through estimator, is
//
//	mean (x − x̂)²  +  mean (sg z − e)²  +  β·mean (z − sg e)²,   β = 0.25.
//
// The perceptual (LPIPS) and the adversarial term of the paper are absent. The encoder is a convolution whose stride is its
// kernel, then residual layers of kernel one: a token's receptive field is its own patch, so that tokens of visible
// patches hold nothing of hidden pixels, and the visible patches' tokens are the same with and without a hole. The
// decoder's residual layers of kernel three work on the grid of tokens; pixel shuffling brings the full resolution back.
type tokenizer struct {
	patch, grid   int     // pixels along a token's side, tokens along an image's side
	codes, dim    int     // the codebook's
	width, blocks int     // channels and residual layers
	commitment    float64 // β
}

func (t *tokenizer) tokens() int { return t.grid * t.grid }

// addEncoder declares the encoder and the codebook.
func (t *tokenizer) addEncoder(l *torch.Layout) {
	l.AddLinear("tokenizer.encoder.embed", 3*t.patch*t.patch, t.width)
	for i := range t.blocks {
		name := fmt.Sprintf("tokenizer.encoder.%d", i)
		l.AddLayerNorm(name+".norm", t.width)
		l.AddLinear(name+".fc1", t.width, 2*t.width)
		l.AddLinear(name+".fc2", 2*t.width, t.width)
	}
	l.AddLayerNorm("tokenizer.encoder.norm", t.width)
	l.AddLinear("tokenizer.encoder.code", t.width, t.dim)
	l.Add("tokenizer.codebook", torch.Normal(0.5), int64(t.codes), int64(t.dim)) // about the spread of fresh features
}

// addDecoder declares the decoder.
func (t *tokenizer) addDecoder(l *torch.Layout) {
	l.AddConv("tokenizer.decoder.embed", t.dim, t.width, 3)
	for i := range t.blocks {
		name := fmt.Sprintf("tokenizer.decoder.%d", i)
		l.AddConv(name+".conv1", t.width, t.width, 3)
		l.AddConv(name+".conv2", t.width, t.width, 3)
	}
	l.AddConv("tokenizer.decoder.pixels", t.width, 3*t.patch*t.patch, 3)
}

// encode gives every patch's features z, [N, T, dim].
func (t *tokenizer) encode(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor {
	x = s.PixelUnshuffle(s.Narrow(x, 1, 0, 3), int64(t.patch))
	x = s.Transpose(s.Reshape(x, -1, int64(3*t.patch*t.patch), int64(t.tokens())), 1, 2)
	h := w.Linear(s, "tokenizer.encoder.embed", x)
	for i := range t.blocks {
		name := fmt.Sprintf("tokenizer.encoder.%d", i)
		r := w.Linear(s, name+".fc1", w.LayerNorm(s, name+".norm", h))
		h = s.Add(h, w.Linear(s, name+".fc2", s.SiLU(r)))
	}
	return w.Linear(s, "tokenizer.encoder.code", w.LayerNorm(s, "tokenizer.encoder.norm", h))
}

// distances are the squared ones of features z [N, T, dim] to every code, [N, T, codes]. They are small differences of
// large numbers: always in float32, as torch.autocast has cdist.
func (t *tokenizer) distances(s *torch.Scope, w torch.Weights, z *torch.Tensor) *torch.Tensor {
	e := w["tokenizer.codebook"]
	zz := s.SumDims(s.Square(z), true, -1)
	ee := s.SumDims(s.Square(e), false, -1)
	var ze *torch.Tensor
	s.Products(audit.Float32, func() { ze = s.Matmul(z, s.Transpose(e, 0, 1)) })
	return s.Add(s.Sub(zz, s.Scale(ze, 2)), ee)
}

// nearest lists the tokens of features, [N·T] on the host.
func (t *tokenizer) nearest(s *torch.Scope, w torch.Weights, z *torch.Tensor) (ids []int64) {
	s.NoGrad(func() { ids = s.Ints(s.Argmin(t.distances(s, w, z), -1)) })
	return ids
}

// lookUp gives the codes of n images' tokens, [N, k, dim].
func (t *tokenizer) lookUp(s *torch.Scope, w torch.Weights, ids []int64, n int) *torch.Tensor {
	return s.Embedding(w["tokenizer.codebook"], s.FromInts(ids, int64(n), int64(len(ids)/max(n, 1))))
}

// decode paints codes [N, T, dim], [N, 3, S, S] in [−1, 1].
func (t *tokenizer) decode(s *torch.Scope, w torch.Weights, q *torch.Tensor) *torch.Tensor {
	g := int64(t.grid)
	h := w.Conv(s, "tokenizer.decoder.embed", s.Reshape(s.Transpose(q, 1, 2), -1, int64(t.dim), g, g), 1, 1)
	for i := range t.blocks {
		name := fmt.Sprintf("tokenizer.decoder.%d", i)
		r := w.Conv(s, name+".conv1", s.SiLU(h), 1, 1)
		h = s.Add(h, w.Conv(s, name+".conv2", s.SiLU(r), 1, 1))
	}
	h = w.Conv(s, "tokenizer.decoder.pixels", s.SiLU(h), 1, 1)
	return s.Tanh(s.PixelShuffle(h, int64(t.patch)))
}

// loss is every image's, [N], with the images' tokens.
func (t *tokenizer) loss(s *torch.Scope, w torch.Weights, images *torch.Tensor, n int) (loss *torch.Tensor, ids []int64) {
	z := t.encode(s, w, images)
	ids = t.nearest(s, w, z)
	e := t.lookUp(s, w, ids, n)
	painted := t.decode(s, w, s.Add(z, s.Detach(s.Sub(e, z))))
	mean := func(a, b *torch.Tensor) *torch.Tensor {
		return s.MeanDims(s.Flatten(s.Square(s.Sub(a, b))), false, 1)
	}
	loss = s.Add(mean(painted, images), mean(s.Detach(z), e))
	return s.Add(loss, s.Scale(mean(z, s.Detach(e)), t.commitment)), ids
}

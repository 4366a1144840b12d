package mage

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// A coder is the network of a tokenizer: an encoder and a decoder, without the codebook between them.
type coder interface {
	// addEncoder and addDecoder declare the weights.
	addEncoder(l *torch.Layout)
	addDecoder(l *torch.Layout)
	// encode gives every token's features, [N, T, dim], of images [N, 3, S, S] in [−1, 1].
	encode(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor
	// decode paints codes [N, T, dim], [N, 3, S, S].
	decode(s *torch.Scope, w torch.Weights, q *torch.Tensor) *torch.Tensor
	// local reports whether a token's features depend on its own patch alone.
	local() bool
	// code is how a fresh codebook starts.
	code() torch.Init
}

// A term is a further part of a tokenizer's training loss, of images x and their paintings y: [N].
type term func(s *torch.Scope, w torch.Weights, x, y *torch.Tensor) *torch.Tensor

// A tokenizer turns images into tokens of a codebook and back: the vector-quantised autoencoder of VQGAN (Esser et al.
// 2021, arXiv 2012.09841, 3.1). Its training loss of an image x with features z = E(x), nearest codes e and painting
// x̂ = G(z + sg(e − z)), the straight-through estimator, is
//
//	mean (x − x̂)²  +  mean (sg z − e)²  +  β·mean (z − sg e)²,   β = 0.25,
//
// and the terms: the paper's perceptual and adversarial ones, where the plan wants them.
type tokenizer struct {
	net        coder
	grid       int // tokens along an image's side
	codes, dim int // the codebook's
	commitment float64
	terms      []term
	fixed      *torch.Params // weights that no model of the audit trains; nil where they are among the model's
}

func (t *tokenizer) tokens() int { return t.grid * t.grid }

// addEncoder declares the encoder and the codebook, unless they are fixed.
func (t *tokenizer) addEncoder(l *torch.Layout) {
	if t.fixed == nil {
		t.declareEncoder(l)
	}
}

func (t *tokenizer) declareEncoder(l *torch.Layout) {
	t.net.addEncoder(l)
	l.Add("tokenizer.codebook", t.net.code(), int64(t.codes), int64(t.dim))
}

// addDecoder declares the decoder, unless it is fixed.
func (t *tokenizer) addDecoder(l *torch.Layout) {
	if t.fixed == nil {
		t.net.addDecoder(l)
	}
}

// weights are the tokenizer's weights: fixed, or the model's.
func (t *tokenizer) weights(s *torch.Scope, w torch.Weights) torch.Weights {
	if t.fixed == nil {
		return w
	}
	s.NoGrad(func() { w = t.fixed.Bind(s) })
	return w
}

// encode gives every patch's features z, [N, T, dim].
func (t *tokenizer) encode(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor {
	return t.net.encode(s, t.weights(s, w), s.Narrow(x, 1, 0, 3))
}

// book is the codebook, [codes, dim].
func (t *tokenizer) book(s *torch.Scope, w torch.Weights) *torch.Tensor {
	return t.weights(s, w)["tokenizer.codebook"]
}

// distances are the squared ones of features z [N, T, dim] to every code, [N, T, codes]. They are small differences of
// large numbers: always in float32, as torch.autocast has cdist.
func (t *tokenizer) distances(s *torch.Scope, w torch.Weights, z *torch.Tensor) *torch.Tensor {
	e := t.book(s, w)
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
	return s.Embedding(t.book(s, w), s.FromInts(ids, int64(n), int64(len(ids)/max(n, 1))))
}

// decode paints codes [N, T, dim], [N, 3, S, S].
func (t *tokenizer) decode(s *torch.Scope, w torch.Weights, q *torch.Tensor) *torch.Tensor {
	return t.net.decode(s, t.weights(s, w), q)
}

// loss is every image's, [N], with the images' tokens. A fixed tokenizer has none.
func (t *tokenizer) loss(s *torch.Scope, w torch.Weights, images *torch.Tensor, n int) (loss *torch.Tensor, ids []int64) {
	if t.fixed != nil {
		s.NoGrad(func() { ids = t.nearest(s, w, t.encode(s, w, images)) })
		return s.Zeros(int64(n)), ids
	}
	z := t.encode(s, w, images)
	ids = t.nearest(s, w, z)
	e := t.lookUp(s, w, ids, n)
	painted := t.decode(s, w, s.Add(z, s.Detach(s.Sub(e, z))))
	mean := func(a, b *torch.Tensor) *torch.Tensor {
		return s.MeanDims(s.Flatten(s.Square(s.Sub(a, b))), false, 1)
	}
	loss = s.Add(mean(painted, images), mean(s.Detach(z), e))
	loss = s.Add(loss, s.Scale(mean(z, s.Detach(e)), t.commitment))
	for _, more := range t.terms {
		loss = s.Add(loss, more(s, w, images, painted))
	}
	return loss, ids
}

package mage

import (
	"fmt"

	"github.com/lethe-audit/lethe/internal/families/vit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// encode returns the outputs of the encoder's blocks on the class token and the kept places, [N, 1+k, Dim].
func (m *model) encode(s *torch.Scope, w torch.Weights, b *tokens, kept []int64) []*torch.Tensor {
	ids := make([]int64, 0, len(kept)+b.n)
	places := make([]int64, 0, len(kept)+b.n)
	seen := b.at(kept)
	for i := range b.n {
		ids, places = append(ids, m.label()), append(places, 0)
		for k, p := range of(kept, i, b.n) {
			id := of(seen, i, b.n)[k]
			if id < 0 {
				id = int64(m.vocabulary() - 1) // the mask token
			}
			ids, places = append(ids, id), append(places, p+1)
		}
	}
	n, k := int64(b.n), int64(len(ids)/b.n)
	h := s.Embedding(w["encoder.words"], s.FromInts(ids, n, k))
	if b.in.X.Tracked() {
		h = s.Add(h, m.slope(s, w, b, k))
	}
	h = w.LayerNorm(s, "encoder.embed", s.Add(h, s.Embedding(w["encoder.places"], s.FromInts(places, n, k))))
	var out []*torch.Tensor
	for i := range m.Depth {
		h = vit.Block(s, w, fmt.Sprintf("encoder.%d", i), h, m.Dim, m.Heads)
		out = append(out, h)
	}
	return out
}

func (m *model) norm(s *torch.Scope, w torch.Weights, blocks []*torch.Tensor) *torch.Tensor {
	return w.LayerNorm(s, "encoder.norm", blocks[len(blocks)-1])
}

// predict gives the logits of the vocabulary at places, [N, len(at)/N, vocabulary], from the encoder's output on the kept
// places. As published, the embeddings that they are compared with get no gradient.
func (m *model) predict(s *torch.Scope, w torch.Weights, b *tokens, z *torch.Tensor, kept, at []int64) *torch.Tensor {
	index := make([]int64, b.n*(b.tokens+1)) // 0, the class token, at every place that is not known
	for i := range b.n {
		for k, p := range of(kept, i, b.n) {
			if b.ids[i*b.tokens+int(p)] >= 0 {
				index[i*(b.tokens+1)+1+int(p)] = int64(k + 1)
			}
		}
	}
	h := vit.Take(s, w.Linear(s, "decoder.embed", z), index, m.DecoderDim)
	h = s.Add(h, w["decoder.places"])
	for i := range m.DecoderDepth {
		h = vit.Block(s, w, fmt.Sprintf("decoder.%d", i), h, m.DecoderDim, m.DecoderHeads)
	}
	after := make([]int64, len(at))
	for i, p := range at {
		after[i] = p + 1
	}
	if s.Err() != nil {
		return z
	}
	h = w.LayerNorm(s, "decoder.norm", vit.Take(s, h, after, m.DecoderDim))
	h = s.GELU(w.Linear(s, "decoder.word", h))
	h = s.LayerNorm(h, w["decoder.wordNorm.weight"], w["decoder.wordNorm.bias"], int64(m.Dim), 1e-5)
	return s.Add(s.Matmul(h, s.Transpose(s.Detach(w["encoder.words"]), 0, 1)), w["decoder.wordBias"])
}

// codes are the logits of the codebook's part of the vocabulary.
func (m *model) codes(s *torch.Scope, logits *torch.Tensor) *torch.Tensor {
	return s.Narrow(logits, -1, 0, int64(m.Codes))
}

package models

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// tokens of a batch, on the host.
type tokens struct {
	in         Input
	x          *torch.Tensor // the images as the tokenizer is shown them
	n, tokens  int
	ids        []int64 // [N·T]: the token at every place, −1 where it is masked
	vis, paint []int64 // [N·V], [N·H]: places that are visible, and that must be painted; both are all where no place is hidden alone
	order      []int64 // [N·T]: each place's index in [visible…, hidden…]
	whole      bool    // every place is visible and must be painted
}

// read finds the tokens of what is visible.
func (m *mage) read(s *torch.Scope, w torch.Weights, in Input) *tokens {
	hidden, err := m.grown(in)
	if err != nil {
		s.Fail(err)
		return nil
	}
	vis, order, err := visible("mage", hidden, m.side, m.Patch)
	if err != nil {
		s.Fail(err)
		return nil
	}
	b := &tokens{in: in, x: in.X, n: in.N, tokens: m.tok.tokens(), vis: vis, order: order, whole: len(vis) == len(order)}
	if !b.whole && !m.tok.net.local() {
		side := int64(in.Size)
		seen := s.Shift(s.Neg(s.FromFloats(in.Region, int64(in.N), 1, side, side)), 1)
		b.x = s.Mul(s.Narrow(in.X, 1, 0, 3), seen) // what is hidden is grey
	}
	s.NoGrad(func() { b.ids = m.tok.nearest(s, w, m.tok.encode(s, w, b.x)) })
	if s.Err() != nil {
		return nil
	}
	if b.whole {
		b.paint = vis
		return b
	}
	v := int64(len(vis) / b.n)
	for i, at := range order {
		if at >= v {
			b.paint = append(b.paint, int64(i%b.tokens))
			b.ids[i] = -1
		}
	}
	return b
}

// grown is a batch whose regions are larger by the margin, in whole tokens.
func (m *mage) grown(in Input) (Input, error) {
	if m.Margin == 0 || in.Size != m.side {
		return in, nil // of another side: an error soon
	}
	g, area := m.side/m.Patch, in.Size*in.Size
	wide := make([]float32, len(in.Region))
	for i := range in.N {
		region, at := of(in.Region, i, in.N), make([]bool, g*g)
		hidden := 0
		for p, v := range region {
			if v == 0 {
				continue
			}
			y, x := p/in.Size/m.Patch, p%in.Size/m.Patch
			for r := max(0, y-m.Margin); r <= min(g-1, y+m.Margin); r++ {
				for c := max(0, x-m.Margin); c <= min(g-1, x+m.Margin); c++ {
					if !at[r*g+c] {
						at[r*g+c] = true
						hidden++
					}
				}
			}
		}
		if hidden == g*g && slices.Contains(region, 0) {
			return in, fmt.Errorf("model mage: with a margin of %d tokens the hole leaves none of %d visible", m.Margin, g*g)
		}
		for p := range area {
			if at[p/in.Size/m.Patch*g+p%in.Size/m.Patch] {
				wide[i*area+p] = 1
			}
		}
	}
	in.Region = wide
	return in, nil
}

// of is image i's part of a list with the same number of entries for each.
func of[T any](list []T, i, n int) []T {
	k := len(list) / n
	return list[i*k : (i+1)*k]
}

// at lists the tokens at places.
func (b *tokens) at(places []int64) []int64 {
	out := make([]int64, 0, len(places))
	for i := range b.n {
		for _, p := range of(places, i, b.n) {
			out = append(out, b.ids[i*b.tokens+int(p)])
		}
	}
	return out
}

// set writes tokens at places.
func (b *tokens) set(places, ids []int64) {
	if len(ids) != len(places) {
		return
	}
	k := len(places) / b.n
	for j, p := range places {
		b.ids[j/k*b.tokens+int(p)] = ids[j]
	}
}

// shown lists what the encoder is shown, the visible places first: with all, masked places too.
func (m *mage) shown(b *tokens, all bool) []int64 {
	var out []int64
	for i := range b.n {
		out = append(out, of(b.vis, i, b.n)...)
		if b.whole {
			continue
		}
		for _, p := range of(b.paint, i, b.n) {
			if all || b.ids[i*b.tokens+int(p)] >= 0 {
				out = append(out, p)
			}
		}
	}
	return out
}

// hide masks tokens for a step of training: of the H that must be painted, ⌈r·H⌉, where r is drawn from a normal
// distribution of mean 0.55 and standard deviation 0.25, truncated to [0.5, 1] (paper, 3.1; there of all tokens, here of
// those that are painted in use). The others are shown as they are in the true image, as they are on the way of
// decoding. It returns the masked places and those that the encoder is shown.
func (m *mage) hide(b *tokens, truth []int64, seed uint64) (masked, kept []int64) {
	if b.whole {
		return b.paint, m.shown(b, false)
	}
	rng := rand.New(rand.NewPCG(audit.Seed(seed, "mage", "mask"), 0))
	share := 0.0
	for share < 0.5 || share > 1 {
		share = 0.55 + 0.25*rng.NormFloat64()
	}
	h := len(b.paint) / b.n
	count := int(math.Ceil(share * float64(h)))
	drop := count
	if m.ShowMask {
		drop = min(count, (b.tokens+1)/2)
	}
	for i := range b.n {
		order := rng.Perm(h)
		places := of(b.paint, i, b.n)
		kept = append(kept, of(b.vis, i, b.n)...)
		for _, k := range order[:count] {
			masked = append(masked, places[k])
		}
		for _, k := range order[drop:] {
			kept = append(kept, places[k])
		}
		for _, k := range order[count:] {
			p := i*b.tokens + int(places[k])
			b.ids[p] = truth[p]
		}
	}
	return masked, kept
}

// encode returns the outputs of the encoder's blocks on the class token and the kept places, [N, 1+k, Dim].
func (m *mage) encode(s *torch.Scope, w torch.Weights, b *tokens, kept []int64) []*torch.Tensor {
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
		h = block(s, w, fmt.Sprintf("encoder.%d", i), h, m.Dim, m.Heads)
		out = append(out, h)
	}
	return out
}

func (m *mage) norm(s *torch.Scope, w torch.Weights, blocks []*torch.Tensor) *torch.Tensor {
	return w.LayerNorm(s, "encoder.norm", blocks[len(blocks)-1])
}

// predict gives the logits of the vocabulary at places, [N, len(at)/N, vocabulary], from the encoder's output on the kept
// places. As published, the embeddings that they are compared with get no gradient.
func (m *mage) predict(s *torch.Scope, w torch.Weights, b *tokens, z *torch.Tensor, kept, at []int64) *torch.Tensor {
	index := make([]int64, b.n*(b.tokens+1)) // 0, the class token, at every place that is not known
	for i := range b.n {
		for k, p := range of(kept, i, b.n) {
			if b.ids[i*b.tokens+int(p)] >= 0 {
				index[i*(b.tokens+1)+1+int(p)] = int64(k + 1)
			}
		}
	}
	h := take(s, w.Linear(s, "decoder.embed", z), index, m.DecoderDim)
	h = s.Add(h, w["decoder.places"])
	for i := range m.DecoderDepth {
		h = block(s, w, fmt.Sprintf("decoder.%d", i), h, m.DecoderDim, m.DecoderHeads)
	}
	after := make([]int64, len(at))
	for i, p := range at {
		after[i] = p + 1
	}
	if s.Err() != nil {
		return z
	}
	h = w.LayerNorm(s, "decoder.norm", take(s, h, after, m.DecoderDim))
	h = s.GELU(w.Linear(s, "decoder.word", h))
	h = s.LayerNorm(h, w["decoder.wordNorm.weight"], w["decoder.wordNorm.bias"], int64(m.Dim), 1e-5)
	return s.Add(s.Matmul(h, s.Transpose(s.Detach(w["encoder.words"]), 0, 1)), w["decoder.wordBias"])
}

// codes are the logits of the codebook's part of the vocabulary.
func (m *mage) codes(s *torch.Scope, logits *torch.Tensor) *torch.Tensor {
	return s.Narrow(logits, -1, 0, int64(m.Codes))
}

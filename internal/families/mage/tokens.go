package mage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/vit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// tokens of a batch, on the host.
type tokens struct {
	in         models.Input
	x          *torch.Tensor // the images as the tokenizer is shown them
	n, tokens  int
	ids        []int64 // [N·T]: the token at every place, −1 where it is masked
	vis, paint []int64 // [N·V], [N·H]: places that are visible, and that must be painted; both are all where no place is hidden alone
	order      []int64 // [N·T]: each place's index in [visible…, hidden…]
	whole      bool    // every place is visible and must be painted
}

// read finds the tokens of what is visible.
func (m *model) read(s *torch.Scope, w torch.Weights, in models.Input) *tokens {
	hidden, err := m.grown(in)
	if err != nil {
		s.Fail(err)
		return nil
	}
	vis, order, err := vit.Visible("mage", hidden, m.side, m.Patch)
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
func (m *model) grown(in models.Input) (models.Input, error) {
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

// encoderPlaces lists what the encoder is shown, the visible places first: with all, masked places too.
func (m *model) encoderPlaces(b *tokens, all bool) []int64 {
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
func (m *model) hide(b *tokens, truth []int64, seed uint64) (masked, kept []int64) {
	if b.whole {
		return b.paint, m.encoderPlaces(b, false)
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

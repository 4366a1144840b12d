package mage

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/vit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// maskSchedule lists how many of h tokens are still masked after each step (paper, 3.3; MaskGIT, 3.3): ⌊h·cos(π/2·t/steps)⌋,
// but at least one fewer than before, and none after the last. Once one is left, it is the next step's.
func maskSchedule(h, steps int) []int {
	var out []int
	for t, left := 1, h; left > 0; t++ {
		next := min(left-1, int(math.Floor(float64(h)*math.Cos(math.Pi/2*float64(t)/float64(steps)))))
		if t >= steps {
			next = 0
		} else if left > 1 {
			next = max(1, next)
		}
		out, left = append(out, next), next
	}
	return out
}

// decode fills the masked tokens. In every step a token is drawn for each masked place,
// and those stay whose log probability + c·(1 − t/steps)·Gumbel noise is largest; c is the choice temperature. Where no
// place is visible alone, all tokens are drawn in one step. Image i's draws come from the seed and its place in its part, first + i.
func (m *model) decode(s *torch.Scope, w torch.Weights, b *tokens, seed uint64, first int) {
	rngs := make([]*rand.Rand, b.n)
	for i := range rngs {
		rngs[i] = rand.New(rand.NewPCG(audit.Seed(seed, "mage", "decode"), uint64(first+i)))
	}
	left := b.paint
	after := maskSchedule(len(left)/b.n, m.Steps)
	if b.whole {
		after = []int{0}
	}
	for t, next := range after {
		kept := m.encoderPlaces(b, m.ShowMask)
		logits := s.Floats(m.codes(s, m.predict(s, w, b, m.norm(s, w, m.encode(s, w, b, kept)), kept, left)))
		if s.Err() != nil {
			return
		}
		noise := m.ChoiceTemperature * max(0, 1-float64(t+1)/float64(m.Steps))
		var masked []int64
		for i := range b.n {
			masked = append(masked, m.choose(b, i, of(left, i, b.n), of(logits, i, b.n), next, noise, rngs[i])...)
		}
		left = masked
	}
}

// choose draws tokens for an image's masked places, keeps all but the given number of the least confident, and returns
// the places of those.
func (m *model) choose(b *tokens, i int, places []int64, logits []float32, next int, noise float64, rng *rand.Rand) []int64 {
	type candidate struct {
		place, id  int64
		confidence float64
	}
	candidates := make([]candidate, len(places))
	for k, p := range places {
		id, logp := pick(of(logits, k, len(places)), m.Temperature, rng)
		candidates[k] = candidate{p, int64(id), logp - noise*math.Log(-math.Log(positiveUniform(rng)))}
	}
	slices.SortStableFunc(candidates, func(a, c candidate) int {
		switch {
		case a.confidence < c.confidence:
			return -1
		case a.confidence > c.confidence:
			return 1
		}
		return 0
	})
	masked := make([]int64, 0, next)
	for k, d := range candidates {
		if k < next {
			masked = append(masked, d.place)
		} else {
			b.ids[i*b.tokens+int(d.place)] = d.id
		}
	}
	slices.Sort(masked)
	return masked
}

// positiveUniform is uniform on (0, 1).
func positiveUniform(rng *rand.Rand) float64 { return (float64(rng.Uint64()>>12) + 0.5) / (1 << 52) }

// pick draws one of the logits' classes at a temperature, and gives its log probability at temperature 1.
func pick(logits []float32, temperature float64, rng *rand.Rand) (class int, logp float64) {
	u := rng.Float64()
	best := 0
	for k, x := range logits {
		if x > logits[best] {
			best = k
		}
	}
	top := float64(logits[best])
	var sum, tempered float64
	for _, x := range logits {
		sum += math.Exp(float64(x) - top)
		if temperature > 0 {
			tempered += math.Exp((float64(x) - top) / temperature)
		}
	}
	class = best
	if temperature > 0 {
		u *= tempered
		for k, x := range logits {
			if u -= math.Exp((float64(x) - top) / temperature); u < 0 {
				class = k
				break
			}
		}
	}
	return class, float64(logits[class]) - top - math.Log(sum)
}

// painting decodes the tokens to pixels. relaxed, [N, H, codeDim], is added to the codes of what is painted: zeros that
// carry gradients; nil for none.
func (m *model) painting(s *torch.Scope, w torch.Weights, b *tokens, relaxed *torch.Tensor) *torch.Tensor {
	q := m.tok.lookUp(s, w, b.at(b.paint), b.n)
	if relaxed != nil {
		q = s.Add(q, relaxed)
	}
	if !b.whole {
		seen := m.tok.lookUp(s, w, b.at(b.vis), b.n)
		if b.in.X.Tracked() {
			z := vit.Take(s, m.tok.encode(s, frozen(s, w), b.x), b.vis, m.Code)
			seen = s.Add(seen, s.Sub(z, s.Detach(z)))
		}
		q = vit.Take(s, s.Cat(1, seen, q), b.order, m.Code)
	}
	return m.tok.decode(s, w, q)
}

// relaxed is how painted codes depend on logits [N, H, codes], though a token, drawn or likeliest, has no slope: the
// straight-through estimator e + (p·E − sg(p·E)) with the codes' expectation under p = softmax(logits). It is zero in
// value, [N, H, codeDim], and nil where no gradient is recorded.
func (m *model) relaxed(s *torch.Scope, w torch.Weights, logits *torch.Tensor) *torch.Tensor {
	if !logits.Tracked() {
		return nil
	}
	mean := s.Matmul(s.Softmax(logits, -1), s.Detach(m.tok.book(s, w)))
	return s.Sub(mean, s.Detach(mean))
}

// slope is how the embeddings of visible tokens depend on pixels, zero in value, [N, k, Dim] for the encoder's k inputs: by
// the expectation of their embeddings under the codes' soft assignment softmax(−‖z − e‖²). No weight gets a gradient from it.
func (m *model) slope(s *torch.Scope, w torch.Weights, b *tokens, k int64) *torch.Tensor {
	f := frozen(s, w)
	p := s.Softmax(s.Neg(m.tok.distances(s, f, m.tok.encode(s, f, b.x))), -1)
	mean := vit.Take(s, s.Matmul(p, s.Narrow(f["encoder.words"], 0, 0, int64(m.Codes))), b.vis, m.Dim)
	d := s.Sub(mean, s.Detach(mean))
	n, v := int64(b.n), int64(len(b.vis)/b.n)
	d = s.Cat(1, s.Zeros(n, 1, int64(m.Dim)), d)
	if rest := k - 1 - v; rest > 0 {
		d = s.Cat(1, d, s.Zeros(n, rest, int64(m.Dim)))
	}
	return d
}

// frozen are the weights without gradients.
func frozen(s *torch.Scope, w torch.Weights) torch.Weights {
	out := make(torch.Weights, len(w))
	for name, t := range w {
		out[name] = s.Detach(t)
	}
	return out
}

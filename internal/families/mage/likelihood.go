package mage

import (
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

var _ models.Likely = (*model)(nil)

// Levels is all of the region at once: fewer tokens masked told original from retrained models no better, and retrained
// models from each other more.
func (m *model) Levels() []float64 { return []float64{1} }

// Surprise is each image's cross entropy in nats, the mean over the masked tokens of −log p(token | shown tokens) among
// the codes, when ⌈hidden·H⌉ of the H tokens to be painted are masked, which ones for every image others. The rest are
// shown as they truly are. With hidden = 1 all are predicted from what is visible, as in the first step of painting.
//
// The tokens are the model's own, so that the unit is another one in every model: a tokenizer that gives all patches one
// token is never surprised. What compares forget with test images under one model is free of that.
func (m *model) Surprise(s *torch.Scope, in models.Input, target, _ *torch.Tensor, hidden float64) *torch.Tensor {
	w := m.Params().Bind(s)
	b := m.read(s, w, in)
	truth := m.read(s, w, models.Input{N: in.N, Size: in.Size, X: target, Region: make([]float32, in.N*in.Size*in.Size)})
	if s.Err() != nil {
		return target
	}
	masked := m.cover(b, truth, hidden)
	kept := m.encoderPlaces(b, m.ShowMask)
	logits := m.codes(s, m.predict(s, w, b, m.norm(s, w, m.encode(s, w, b, kept)), kept, masked))
	classes := truth.at(masked)
	if s.Err() != nil {
		return target
	}
	ce := s.SmoothedCrossEntropy(s.Reshape(logits, -1, int64(m.Codes)), s.FromInts(classes, int64(len(classes))), 0)
	return s.MeanDims(s.Reshape(ce, int64(b.n), -1), false, 1)
}

// cover masks a share of the tokens to be painted, puts the true ones at the other places, and lists the masked places.
// Where no place is hidden alone, nothing can be masked, and all are listed.
func (m *model) cover(b, truth *tokens, hidden float64) (masked []int64) {
	if b.whole {
		return b.paint
	}
	h := len(b.paint) / b.n
	count := min(h, max(1, int(math.Ceil(hidden*float64(h)))))
	seed := audit.Seed(b.in.Seed, "mage", "surprise")
	for i := range b.n {
		places := of(b.paint, i, b.n)
		for k, j := range rand.New(rand.NewPCG(seed, uint64(b.in.First+i))).Perm(h) {
			if k < count {
				masked = append(masked, places[j])
				continue
			}
			p := i*b.tokens + int(places[j])
			b.ids[p] = truth.ids[p]
		}
	}
	return masked
}

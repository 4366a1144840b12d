package mage

import (
	"errors"

	"github.com/lethe-audit/lethe/internal/families/vit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

type model struct {
	Family
	params        *torch.Params
	tok           *tokenizer
	side, encoder int
}

func (m *model) Params() *torch.Params { return m.params }

func (m *model) EncoderSize() int { return m.encoder }

// Encode embeds the class token and the visible tokens, [N, 1+V, Dim].
func (m *model) Encode(s *torch.Scope, w torch.Weights, in models.Input) *torch.Tensor {
	blocks := m.look(s, w, in)
	if len(blocks) == 0 {
		return in.X
	}
	return m.norm(s, w, blocks)
}

// Layers are the encoder's blocks.
func (m *model) Layers() []string { return vit.BlockNames("encoder", m.Depth) }

// Activations of the blocks, averaged over the class token and the visible ones.
func (m *model) Activations(s *torch.Scope, in models.Input) []*torch.Tensor {
	return vit.MeanTokens(s, m.look(s, m.Params().Bind(s), in))
}

// look returns the outputs of the encoder's blocks on what is visible, none where it fails.
func (m *model) look(s *torch.Scope, w torch.Weights, in models.Input) []*torch.Tensor {
	b := m.read(s, w, in)
	if s.Err() != nil {
		return nil
	}
	return m.encode(s, w, b, m.encoderPlaces(b, false))
}

// Decode paints in one step from the embedding: every hidden place takes its likeliest token. See relaxed for gradients.
func (m *model) Decode(s *torch.Scope, w torch.Weights, in models.Input, z *torch.Tensor) *torch.Tensor {
	b := m.read(s, w, in)
	if s.Err() != nil {
		return in.X
	}
	logits := m.codes(s, m.predict(s, w, b, z, m.encoderPlaces(b, false), b.paint))
	b.set(b.paint, s.Ints(s.Argmax(logits, -1)))
	return m.painting(s, w, b, m.relaxed(s, w, logits))
}

// Generate paints by iterative decoding with draws from the seed; see decode. The same seed and place give the same
// painting. Gradients, where they are recorded, are those of relaxed on the prediction in one step.
func (m *model) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	w := m.Params().Bind(s)
	b := m.read(s, w, in)
	if s.Err() != nil {
		return in.X
	}
	var logits *torch.Tensor
	if w["encoder.words"].Tracked() || in.X.Tracked() {
		kept := m.encoderPlaces(b, m.ShowMask)
		logits = m.codes(s, m.predict(s, w, b, m.norm(s, w, m.encode(s, w, b, kept)), kept, b.paint))
	}
	s.NoGrad(func() { m.decode(s, w, b, in.Seed, in.First) })
	if s.Err() != nil {
		return in.X
	}
	if logits == nil {
		return m.painting(s, w, b, nil)
	}
	return m.painting(s, w, b, m.relaxed(s, w, logits))
}

// Loss is every image's loss of the tokenizer on the whole target, plus the smoothed cross entropy of the masked tokens,
// in nats (paper, 3.1). Of the region's tokens a share drawn from the seed is masked, for the batch the same, and
// which ones, for every image others: see hide.
func (m *model) Loss(s *torch.Scope, in models.Input, target, _ *torch.Tensor) *torch.Tensor {
	w := m.Params().Bind(s)
	b := m.read(s, w, in)
	if s.Err() != nil {
		return target
	}
	loss, truth := m.tok.loss(s, w, target, in.N)
	if s.Err() != nil {
		return target
	}
	masked, kept := m.hide(b, truth, in.Seed)
	logits := m.predict(s, w, b, m.norm(s, w, m.encode(s, w, b, kept)), kept, masked)
	classes := make([]int64, 0, len(masked))
	for i, p := range masked {
		classes = append(classes, truth[i/(len(masked)/b.n)*b.tokens+int(p)])
	}
	if s.Err() == nil && len(classes) == 0 {
		s.Fail(errors.New("model mage: nothing is masked"))
	}
	ce := s.SmoothedCrossEntropy(s.Reshape(logits, -1, int64(m.vocabulary())), s.FromInts(classes, int64(len(classes))), 0.1)
	return s.Add(loss, s.MeanDims(s.Reshape(ce, int64(b.n), -1), false, 1))
}

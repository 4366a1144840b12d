package palette

import (
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// EncoderSize is the U-Net's first half, as Li et al. (ICLR 2024, arXiv 2402.00351, and the released code) split it: what
// embeds the noise level, the way down and the middle. The way up is the decoder.
func (m *model) EncoderSize() int { return m.unet.encoder() }

// Embed gives the outputs of every block on the way down and of the middle, which all reach the decoder, for the noisy
// images, levels and noise that Loss draws from the same seed. Their region shows nothing of in but the condition, and
// the target's pixels under the noise.
func (m *model) Embed(s *torch.Scope, w torch.Weights, in models.Input, target *torch.Tensor) []*torch.Tensor {
	c, ok := m.condition(s, in)
	if !ok {
		return []*torch.Tensor{target}
	}
	noise, levels := m.drawn(s, in)
	way, _ := m.unet.descend(s, w, m.networkInput(s, c, m.noisy(s, c, target, noise, levels)), levels)
	return way
}

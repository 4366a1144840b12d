package palette

import (
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

var _ models.Likely = (*model)(nil)

// Levels are early times, at which what is told of an image is its own and not its kind's, and retrained models agree
// the best; near T the painting is asked once more. That not all times tell alike is known of membership attacks on
// diffusion models (Matsumoto et al. 2023, arXiv 2302.03262).
func (m *model) Levels() []float64 { return []float64{0.05, 0.1, 0.2} }

// Surprise is each image's training loss at one noise level, γ_t at the time t nearest to hidden·T: the squared error
// over the region of what the network tells, noise or image. With −log p(image) it has in common that a weighted sum
// over all times bounds it (Ho et al. 2020, arXiv 2006.11239, eq. 12). At one level the two targets' errors differ by
// the factor γ/(1−γ), the same for all images, so that logarithms compare alike.
func (m *model) Surprise(s *torch.Scope, in models.Input, target, region *torch.Tensor, hidden float64) *torch.Tensor {
	c, ok := m.condition(s, in)
	if !ok {
		return target
	}
	return m.miss(s, c, target, region, m.pictures(s, in, "surprise", nil), repeat(m.gamma.at(hidden), in.N))
}

// miss is the squared error over the region of what the network tells of targets with noise, at each image's level γ.
func (m *model) miss(s *torch.Scope, c conditioning, target, region, noise *torch.Tensor, levels []float64) *torch.Tensor {
	told, _ := m.denoise(s, m.params.Bind(s), c, m.noisy(s, c, target, noise, levels), levels)
	if m.image {
		return models.RegionError(s, told, target, region)
	}
	return models.RegionError(s, told, noise, region)
}

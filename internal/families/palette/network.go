package palette

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

type model struct {
	unet    *unet
	params  *torch.Params
	shape   models.Shape
	patch   int64
	samples int
	gamma   schedule
	image   bool // the network tells the image
}

func (m *model) Params() *torch.Params { return m.params }

// Loss is each image's squared error of the noise, over the region:
//
//	‖ε − f(x, √γ·y + √(1−γ)·ε, γ)‖², ε ~ N(0, 1), γ by the schedule (Palette, section 3),
//
// or of y in the place of ε where the network tells the image; both drawn from the batch's seed and the image's place.
// Outside the region the noisy image is the condition's.
func (m *model) Loss(s *torch.Scope, in models.Input, target, region *torch.Tensor) *torch.Tensor {
	c, ok := m.condition(s, in)
	if !ok {
		return target
	}
	noise, levels := m.drawn(s, in)
	return m.miss(s, c, target, region, noise, levels)
}

// drawn are the noise [N, 3, S, S] and the levels γ of a batch in training.
func (m *model) drawn(s *torch.Scope, in models.Input) (noise *torch.Tensor, levels []float64) {
	levels = make([]float64, in.N)
	noise = m.pictures(s, in, "loss", func(i int, r *rand.Rand) { levels[i] = m.gamma.level(r) })
	return noise, levels
}

// noisy is √γ·target + √(1−γ)·noise in the region, and what is visible outside of it.
func (m *model) noisy(s *torch.Scope, c conditioning, target, noise *torch.Tensor, levels []float64) *torch.Tensor {
	n := int64(len(levels))
	keep, add := make([]float32, n), make([]float32, n)
	for i, g := range levels {
		keep[i], add[i] = float32(math.Sqrt(g)), float32(math.Sqrt(1-g))
	}
	return c.inside(s, s.Add(s.Mul(target, s.FromFloats(keep, n, 1, 1, 1)), s.Mul(noise, s.FromFloats(add, n, 1, 1, 1))))
}

// Generate paints by DDIM with η = 0 (Song et al. 2021, arXiv 2010.02502, eq. 12): from noise at γ_T, for levels γ < γ′
// at even times up to γ′ = 1,
//
//	ŷ₀ = clamp((y − √(1−γ)·f(x, y, γ))/√γ, −1, 1), or clamp(f, −1, 1), y ← √γ′·ŷ₀ + √(1−γ′)·(y − √γ·ŷ₀)/√(1−γ).
//
// Outside the region everything is the condition's. The noise comes from the batch's seed and the image's place in its
// part: the size of batches does not matter. Gradients go through all steps, and their memory grows with them.
func (m *model) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	c, ok := m.condition(s, in)
	if !ok {
		return in.X
	}
	w := m.params.Bind(s)
	y := c.inside(s, m.pictures(s, in, "painting", nil))
	levels := m.gamma.levels(m.samples)
	for k, g := range levels[:m.samples] {
		y = s.Within(func(s *torch.Scope) *torch.Tensor { return m.step(s, w, c, y, g, levels[k+1]) })
	}
	return y
}

// step goes from level g to the next, a lower noise.
func (m *model) step(s *torch.Scope, w torch.Weights, c conditioning, y *torch.Tensor, g, next float64) *torch.Tensor {
	told, _ := m.denoise(s, w, c, y, repeat(g, c.n))
	clean := told
	if !m.image {
		clean = s.Scale(s.Sub(y, s.Scale(told, math.Sqrt(1-g))), 1/math.Sqrt(g))
	}
	clean = s.Clamp(clean, -1, 1)
	if next == 1 {
		return c.inside(s, clean)
	}
	rest := math.Sqrt((1 - next) / (1 - g)) // of y; what it brings of ŷ₀ is taken off
	return c.inside(s, s.Add(s.Scale(clean, math.Sqrt(next)-math.Sqrt(g)*rest), s.Scale(y, rest)))
}

// Layers are the U-Net's blocks on the way down, and its middle.
func (m *model) Layers() []string {
	out := make([]string, 0, len(m.unet.down)+1)
	for i := range m.unet.down {
		out = append(out, fmt.Sprintf("down.%d", i))
	}
	return append(out, "middle")
}

// Activations of the blocks at the first step of painting, averaged over positions.
func (m *model) Activations(s *torch.Scope, in models.Input) []*torch.Tensor {
	c, ok := m.condition(s, in)
	if !ok {
		return nil
	}
	y := c.inside(s, m.pictures(s, in, "painting", nil))
	_, out := m.denoise(s, m.params.Bind(s), c, y, repeat(m.gamma[len(m.gamma)-1], in.N))
	for i, h := range out {
		out[i] = s.MeanDims(h, false, 2, 3)
	}
	return out
}

package models

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/internal/torch"
)

// Palette is a conditional diffusion model (Saharia et al. 2022, arXiv 2111.05826): a U-Net is shown the degraded image
// and the noisy one side by side, with the noise level γ, and tells the noise, or the image (Predict).
//
// Where the task hides a region, the condition is standard normal noise there, and noise, loss and painting are of the
// region alone (section 4.2). Every number drawn comes from the host's generator.
//
// The published network for places (256×256) is patch 1, channels 64, multipliers 1 2 4 8, resBlocks 2, headChannels
// 32, groups 32, no attention but the middle's: the attn_res of 16 in its configuration is a factor that its four levels
// do not reach. Differences from it: no dropout and no moving average of weights; the sampler is DDIM on the levels of
// training, where Palette's is ancestral with 1,000 steps of other levels.
type Palette struct {
	Patch        int     `json:"patch"`        // side of the squares of pixels that the network takes as one
	Channels     int     `json:"channels"`     // at full side; the embedded noise level has four times as many
	Multipliers  []int   `json:"multipliers"`  // of the channels, for each halving of the side
	ResBlocks    int     `json:"resBlocks"`    // a level's residual blocks
	Attention    []int   `json:"attention"`    // factors 1, 2, 4 … by which the side is divided where there is attention too
	HeadChannels int     `json:"headChannels"` // of each head of attention
	Groups       int     `json:"groups"`       // of channels, for normalisation
	Steps        int     `json:"steps"`        // T, of the noise schedule
	BetaStart    float64 `json:"betaStart"`
	BetaEnd      float64 `json:"betaEnd"`
	SampleSteps  int     `json:"sampleSteps"` // of the sampler: runs of the network per painting
	// Predict is what the network tells: noise, as published, or image, for which levels with much noise count as those
	// with little (Salimans & Ho 2022, arXiv 2202.00512, section 4). With few steps of training, image remembers more.
	Predict string `json:"predict"`
}

// Validate checks the parameters.
func (f *Palette) Validate() error {
	if err := positive(size{"patch", f.Patch}, size{"channels", f.Channels}, size{"resBlocks", f.ResBlocks},
		size{"headChannels", f.HeadChannels}, size{"groups", f.Groups}, size{"steps", f.Steps}, size{"sampleSteps", f.SampleSteps}); err != nil {
		return err
	}
	if len(f.Multipliers) == 0 || len(f.Multipliers) > 16 {
		return fmt.Errorf("multipliers %v: want one for each of 1 to 16 levels", f.Multipliers)
	}
	for _, m := range f.Multipliers {
		if m < 1 {
			return fmt.Errorf("multipliers %v: want at least 1", f.Multipliers)
		}
	}
	if f.Channels%f.Groups != 0 || f.Channels%2 != 0 {
		return fmt.Errorf("channels %d must be even and a multiple of groups %d", f.Channels, f.Groups)
	}
	factors := make([]int, len(f.Multipliers))
	for i := range factors {
		factors[i] = 1 << i
	}
	for _, a := range f.Attention {
		if !slices.Contains(factors, a) {
			return fmt.Errorf("attention at factor %d: the %d levels have factors %v", a, len(factors), factors)
		}
	}
	for i, m := range f.Multipliers {
		attends := i == len(f.Multipliers)-1 || slices.Contains(f.Attention, factors[i])
		if attends && f.Channels*m%f.HeadChannels != 0 {
			return fmt.Errorf("headChannels %d must divide the %d channels at factor %d", f.HeadChannels, f.Channels*m, factors[i])
		}
	}
	if f.Predict != "noise" && f.Predict != "image" {
		return fmt.Errorf("predict %q: want noise or image", f.Predict)
	}
	return validSchedule(f.Steps, f.BetaStart, f.BetaEnd, f.SampleSteps)
}

// Check wants a side that can be halved at every level.
func (f *Palette) Check(shape Shape) error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("model palette: %w", err)
	}
	if by := f.Patch << (len(f.Multipliers) - 1); shape.Size%by != 0 || shape.Size < 2*by {
		return fmt.Errorf("model palette: image side %d is not a multiple of %d from %d on", shape.Size, by, 2*by)
	}
	return nil
}

func (f *Palette) unet() *unet {
	p := f.Patch * f.Patch
	return newUnet(6*p, f.Channels, 3*p, f.Multipliers, f.ResBlocks, f.Attention, f.HeadChannels, f.Groups)
}

// New draws a fresh model.
func (f *Palette) New(dev torch.Device, shape Shape, seed uint64) (Model, error) {
	if err := f.Check(shape); err != nil {
		return nil, err
	}
	u := f.unet()
	p, err := torch.NewParams(dev, u.layout(), seed)
	if err != nil {
		return nil, fmt.Errorf("model palette: %w", err)
	}
	return &palette{unet: u, params: p, shape: shape, patch: int64(f.Patch), samples: f.SampleSteps, gamma: linear(f.Steps, f.BetaStart, f.BetaEnd), image: f.Predict == "image"}, nil
}

type palette struct {
	unet    *unet
	params  *torch.Params
	shape   Shape
	patch   int64
	samples int
	gamma   schedule
	image   bool // the network tells the image
}

func (m *palette) Params() *torch.Params { return m.params }

// Loss is each image's squared error of the noise, over the region:
//
//	‖ε − f(x, √γ·y + √(1−γ)·ε, γ)‖², ε ~ N(0, 1), γ by the schedule (Palette, section 3),
//
// or of y in the place of ε where the network tells the image; both drawn from the batch's seed and the image's place. Outside the region the noisy image is the condition's.
func (m *palette) Loss(s *torch.Scope, in Input, target, region *torch.Tensor) *torch.Tensor {
	c, ok := m.condition(s, in)
	if !ok {
		return target
	}
	noise, levels := m.drawn(s, in)
	return m.miss(s, c, target, region, noise, levels)
}

// drawn are the noise [N, 3, S, S] and the levels γ of a batch in training.
func (m *palette) drawn(s *torch.Scope, in Input) (noise *torch.Tensor, levels []float64) {
	levels = make([]float64, in.N)
	noise = m.pictures(s, in, "loss", func(i int, r *rand.Rand) { levels[i] = m.gamma.draw(r) })
	return noise, levels
}

// noisy is √γ·target + √(1−γ)·noise in the region, and what is visible outside of it.
func (m *palette) noisy(s *torch.Scope, c conditioning, target, noise *torch.Tensor, levels []float64) *torch.Tensor {
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
func (m *palette) Generate(s *torch.Scope, in Input) *torch.Tensor {
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
func (m *palette) step(s *torch.Scope, w torch.Weights, c conditioning, y *torch.Tensor, g, next float64) *torch.Tensor {
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
func (m *palette) Layers() []string {
	out := make([]string, 0, len(m.unet.down)+1)
	for i := range m.unet.down {
		out = append(out, fmt.Sprintf("down.%d", i))
	}
	return append(out, "middle")
}

// Activations of the blocks at the first step of painting, averaged over positions.
func (m *palette) Activations(s *torch.Scope, in Input) []*torch.Tensor {
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

// A conditioning is what the network is shown beside the noisy image.
type conditioning struct {
	n            int
	x            *torch.Tensor // [N, 3, S, S]
	region, seen *torch.Tensor // [N, 1, S, S] and x outside of it; nil where all is painted
}

// inside is y in the region, what is seen outside.
func (c conditioning) inside(s *torch.Scope, y *torch.Tensor) *torch.Tensor {
	if c.region == nil {
		return y
	}
	return s.Add(s.Mul(y, c.region), c.seen)
}

// condition hides the region behind noise, false where it fails.
func (m *palette) condition(s *torch.Scope, in Input) (conditioning, bool) {
	if in.Size != m.shape.Size {
		s.Fail(fmt.Errorf("model palette: it was made for images of side %d, these are of side %d", m.shape.Size, in.Size))
		return conditioning{}, false
	}
	x := s.Narrow(in.X, 1, 0, 3)
	if !m.shape.Masked {
		return conditioning{n: in.N, x: x}, true
	}
	if len(in.Region) != in.N*in.Size*in.Size {
		s.Fail(errors.New("model palette: the task hides a region, and these images have none"))
		return conditioning{}, false
	}
	c := conditioning{n: in.N, region: s.FromFloats(in.Region, int64(in.N), 1, int64(in.Size), int64(in.Size))}
	c.seen = s.Mul(x, s.Shift(s.Neg(c.region), 1))
	c.x = c.inside(s, m.pictures(s, in, "condition", nil))
	return c, s.Err() == nil
}

// denoise runs the network on [condition, noisy image].
func (m *palette) denoise(s *torch.Scope, w torch.Weights, c conditioning, y *torch.Tensor, levels []float64) (*torch.Tensor, []*torch.Tensor) {
	told, way := m.unet.forward(s, w, m.shown(s, c, y), levels)
	if m.patch == 1 {
		return told, way
	}
	return s.PixelShuffle(told, m.patch), way
}

// shown is what the network sees.
func (m *palette) shown(s *torch.Scope, c conditioning, y *torch.Tensor) *torch.Tensor {
	x := s.Cat(1, c.x, y)
	if m.patch == 1 {
		return x
	}
	return s.PixelUnshuffle(x, m.patch)
}

// pictures are standard normal numbers, [N, 3, S, S].
func (m *palette) pictures(s *torch.Scope, in Input, purpose string, f func(i int, r *rand.Rand)) *torch.Tensor {
	size := int64(in.Size)
	return s.FromFloats(in.noises(purpose, 3*in.Size*in.Size, f), int64(in.N), 3, size, size)
}

func repeat(v float64, n int) []float64 { return slices.Repeat([]float64{v}, n) }

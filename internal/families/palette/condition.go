package palette

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

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
func (m *model) condition(s *torch.Scope, in models.Input) (conditioning, bool) {
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
func (m *model) denoise(s *torch.Scope, w torch.Weights, c conditioning, y *torch.Tensor, levels []float64) (*torch.Tensor,
	[]*torch.Tensor) {
	told, way := m.unet.forward(s, w, m.networkInput(s, c, y), levels)
	if m.patch == 1 {
		return told, way
	}
	return s.PixelShuffle(told, m.patch), way
}

// networkInput is what the network sees.
func (m *model) networkInput(s *torch.Scope, c conditioning, y *torch.Tensor) *torch.Tensor {
	x := s.Cat(1, c.x, y)
	if m.patch == 1 {
		return x
	}
	return s.PixelUnshuffle(x, m.patch)
}

// pictures are standard normal numbers, [N, 3, S, S].
func (m *model) pictures(s *torch.Scope, in models.Input, purpose string, f func(i int, r *rand.Rand)) *torch.Tensor {
	size := int64(in.Size)
	return s.FromFloats(noises(in, purpose, 3*in.Size*in.Size, f), int64(in.N), 3, size, size)
}

func repeat(v float64, n int) []float64 { return slices.Repeat([]float64{v}, n) }

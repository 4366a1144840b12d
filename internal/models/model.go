// Package models is the contract of image-to-image models: what training, unlearning, attacks and metrics ask of one,
// and of the family that makes it. The families themselves are in internal/families.
package models

import (
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// An Input is a batch as a model sees it.
type Input struct {
	N, Size int
	X       *torch.Tensor // [N, 3 or 4, S, S]: pixels in [−1, 1], and the region where the task is masked
	Region  []float32     // [N, S, S] on the host, 1 where the model must paint
	Seed    uint64        // of models that sample
	First   int           // place of the first image in its part, so that what is drawn does not depend on the batches
}

// A Model paints images. A diffusion model's Loss is its denoising error, and its Generate a sampler.
type Model interface {
	Params() *torch.Params
	// Loss is the training loss of each image, [N]; target is [N, 3, S, S] and
	// region [N, 1, S, S].
	Loss(s *torch.Scope, in Input, target, region *torch.Tensor) *torch.Tensor
	// Generate paints the images, [N, 3, S, S] in [−1, 1].
	Generate(s *torch.Scope, in Input) *torch.Tensor
}

// NewInput copies a degraded batch to the scope's device.
func NewInput(s *torch.Scope, v tasks.View, masked bool, seed uint64) Input {
	n, size := int64(v.N), int64(v.Size)
	x := s.FromFloats(v.Pixels, n, 3, size, size)
	if masked {
		x = s.Cat(1, x, s.FromFloats(v.Region, n, 1, size, size))
	}
	return Input{N: v.N, Size: v.Size, X: x, Region: v.Region, Seed: seed, First: v.First}
}

// RegionError is each image's squared error averaged over the region's pixels
// and the three channels, [N].
func RegionError(s *torch.Scope, out, target, region *torch.Tensor) *torch.Tensor {
	d := s.Mul(s.Square(s.Sub(out, target)), region)
	area := s.Scale(s.SumDims(region, false, 1, 2, 3), 3)
	return s.Div(s.SumDims(d, false, 1, 2, 3), area)
}

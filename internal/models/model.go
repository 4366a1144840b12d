// Package models holds the families of image-to-image models that Lethe can
// train, unlearn and audit.
package models

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
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

// A Model paints images. Later families fit behind these methods: a diffusion
// model's Loss is a denoising error and its Generate a sampler.
type Model interface {
	Params() *torch.Params
	// Loss is the training loss of each image, [N]; target is [N, 3, S, S] and
	// region [N, 1, S, S].
	Loss(s *torch.Scope, in Input, target, region *torch.Tensor) *torch.Tensor
	// Generate paints the images, [N, 3, S, S] in [−1, 1].
	Generate(s *torch.Scope, in Input) *torch.Tensor
}

// A Split model has an encoder: the first EncoderSize weights of the flat vector.
type Split interface {
	Model
	EncoderSize() int
}

// An Autoencoder is a model that splits into an encoder and a decoder with nothing but an embedding between them.
type Autoencoder interface {
	Split
	Encode(s *torch.Scope, w torch.Weights, in Input) *torch.Tensor
	Decode(s *torch.Scope, w torch.Weights, in Input, z *torch.Tensor) *torch.Tensor
}

// An Embedder has an encoder whose outputs may reach its decoder on several ways, and may depend on what training
// shows it beside the input.
type Embedder interface {
	Split
	// Embed gives all outputs of the encoder with weights w, [N, …] each; target is [N, 3, S, S].
	Embed(s *torch.Scope, w torch.Weights, in Input, target *torch.Tensor) []*torch.Tensor
}

// EmbedderOf is a model's encoder, for methods that move embeddings: false where it has none.
func EmbedderOf(m Model) (Embedder, bool) {
	switch m := m.(type) {
	case Embedder:
		return m, true
	case Autoencoder:
		return single{m}, true
	}
	return nil, false
}

// single is an autoencoder, which has one embedding.
type single struct{ Autoencoder }

func (a single) Embed(s *torch.Scope, w torch.Weights, in Input, _ *torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{a.Encode(s, w, in)}
}

// A Layered model can be looked into: for measures of how its representations
// resemble another model's.
type Layered interface {
	Model
	// Layers names the layers in order.
	Layers() []string
	// Activations are each layer's outputs [N, units], averaged over positions.
	Activations(s *torch.Scope, in Input) []*torch.Tensor
}

// A Copier makes another model with its own weights, to be changed and freed.
type Copier interface {
	Copy() (Model, error)
}

// A Pretrained family may come with the original's weights.
type Pretrained interface {
	// Pretrained tells whether it does; if not, the original is to be trained.
	Pretrained() bool
	// Original are the weights.
	Original() ([]float32, error)
}

// A Sharing family may have parts that no model of the audit learns.
type Sharing interface {
	// Shared says what all models have in common from elsewhere, empty for nothing.
	Shared() string
}

// A Selective family cannot be trained in every precision.
type Selective interface {
	Trains(p audit.Precision) error
}

// Trains reports whether a family can be trained in a precision.
func Trains(f Family, p audit.Precision) error {
	if l, ok := f.(Selective); ok {
		return l.Trains(p)
	}
	return nil
}

// A Family makes models of one kind from its parameters.
type Family interface {
	// New makes a model with fresh weights drawn from the seed.
	New(dev torch.Device, shape Shape, seed uint64) (Model, error)
	// Check reports whether the family can serve the shape.
	Check(shape Shape) error
}

// Shape is what a model must fit.
type Shape struct {
	Size   int  // images are [3, Size, Size]
	Masked bool // the region is shown as a fourth channel
}

// Channels is the number of input channels.
func (s Shape) Channels() int {
	if s.Masked {
		return 4
	}
	return 3
}

// All lists the families.
var All = audit.Set[Family]{
	{Name: "autoencoder", Doc: "convolutional autoencoder with a stride-4 patch embedding, cheap on a CPU", New: func() Family { return &ConvAutoencoder{Width: 32, Hidden: 512, Latent: 256} }},
	{Name: "mae", Doc: "masked autoencoder: a ViT encoder on visible patches and a light decoder (He et al. 2022)", New: func() Family {
		return &MAE{Patch: 8, Dim: 128, Depth: 3, Heads: 4, DecoderDim: 96, DecoderDepth: 1, DecoderHeads: 3, Pixels: Tanh}
	}},
	{Name: "mage", Doc: "masked generative encoder: a ViT on the tokens of a VQ-GAN, decoded step by step (Li et al. 2022)", New: func() Family { return newMAGE() }},
	{Name: "palette", Doc: "conditional diffusion: a U-Net that tells the noise, sampled by DDIM (Palette, Saharia et al. 2022)", New: func() Family {
		return &Palette{Patch: 2, Channels: 32, Multipliers: []int{1, 2}, ResBlocks: 1, Attention: []int{}, HeadChannels: 32, Groups: 8,
			Steps: 2000, BetaStart: 1e-4, BetaEnd: 0.005, SampleSteps: 10, Predict: "noise"}
	}},
	{Name: "torchscript", Doc: "a model of your own, as a TorchScript file with its forward and weights (docs/bring-your-own.md)", New: func() Family { return newTorchScript() }},
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

// paint runs an autoencoder forward.
func paint(s *torch.Scope, m Autoencoder, in Input) *torch.Tensor {
	w := m.Params().Bind(s)
	return m.Decode(s, w, in, m.Encode(s, w, in))
}

// A size is a parameter that counts something.
type size struct {
	name string
	n    int
}

func positive(sizes ...size) error {
	for _, s := range sizes {
		if s.n < 1 {
			return fmt.Errorf("%s is %d: want at least 1", s.name, s.n)
		}
	}
	return nil
}

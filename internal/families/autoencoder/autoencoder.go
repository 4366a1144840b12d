// Package autoencoder is the convolutional autoencoder.
package autoencoder

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/counts"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Entry is the family in the list of all.
var Entry = audit.Entry[models.Family]{
	Name: "autoencoder",
	Doc:  "convolutional autoencoder with a stride-4 patch embedding, cheap on a CPU",
	New:  func() models.Family { return &Family{Width: 32, Hidden: 512, Latent: 256} },
}

// Family is a convolutional autoencoder for images of side 32 or 64:
// a stride-4 patch embedding, a stride-2 convolution, two linear layers to the
// latent vector, and back through pixel shuffles. Full-resolution convolutions
// are avoided: they cost most of the time on a CPU.
type Family struct {
	Width  int `json:"width"`  // channels after the patch embedding
	Hidden int `json:"hidden"` // units of the linear layers
	Latent int `json:"latent"` // size of the embedding
}

// Validate checks the parameters.
func (f *Family) Validate() error {
	return counts.Positive(counts.Of("width", f.Width), counts.Of("hidden", f.Hidden), counts.Of("latent", f.Latent))
}

// Check wants a side that is a multiple of 8.
func (f *Family) Check(shape models.Shape) error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("model autoencoder: %w", err)
	}
	if shape.Size%8 != 0 || shape.Size < 16 {
		return fmt.Errorf("model autoencoder: image side %d is not a multiple of 8 from 16 on", shape.Size)
	}
	return nil
}

// New draws a fresh model.
func (f *Family) New(dev torch.Device, shape models.Shape, seed uint64) (models.Model, error) {
	if err := f.Check(shape); err != nil {
		return nil, err
	}
	w, g := f.Width, shape.Size/8
	var l torch.Layout
	l.AddConv("encoder.embed", shape.Channels(), w, 4)
	l.AddConv("encoder.down", w, 2*w, 3)
	l.AddLinear("encoder.hidden", 2*w*g*g, f.Hidden)
	l.AddLinear("encoder.latent", f.Hidden, f.Latent)
	m := &model{width: int64(w), grid: int64(g), encoder: l.Size()}
	l.AddLinear("decoder.hidden", f.Latent, f.Hidden)
	l.AddLinear("decoder.grid", f.Hidden, 2*w*g*g)
	l.AddConv("decoder.up", 2*w, 4*w, 3)
	l.AddConv("decoder.pixels", w, 48, 3)
	p, err := torch.NewParams(dev, l, seed)
	if err != nil {
		return nil, fmt.Errorf("model autoencoder: %w", err)
	}
	m.params = p
	return m, nil
}

type model struct {
	params      *torch.Params
	width, grid int64
	encoder     int
}

func (m *model) Params() *torch.Params { return m.params }

func (m *model) EncoderSize() int { return m.encoder }

func (m *model) Encode(s *torch.Scope, w torch.Weights, in models.Input) *torch.Tensor {
	layers := m.encode(s, w, in)
	return layers[len(layers)-1]
}

// encode returns the outputs of the encoder's layers.
func (m *model) encode(s *torch.Scope, w torch.Weights, in models.Input) []*torch.Tensor {
	embed := s.SiLU(w.Conv(s, "encoder.embed", in.X, 4, 0))
	down := s.SiLU(w.Conv(s, "encoder.down", embed, 2, 1))
	hidden := s.SiLU(w.Linear(s, "encoder.hidden", s.Flatten(down)))
	return []*torch.Tensor{embed, down, hidden, w.Linear(s, "encoder.latent", hidden)}
}

// Layers of the encoder.
func (m *model) Layers() []string {
	return []string{"encoder.embed", "encoder.down", "encoder.hidden", "encoder.latent"}
}

// Activations of the encoder's layers.
func (m *model) Activations(s *torch.Scope, in models.Input) []*torch.Tensor {
	out := m.encode(s, m.Params().Bind(s), in)
	for i, h := range out[:2] {
		out[i] = s.MeanDims(h, false, 2, 3)
	}
	return out
}

func (m *model) Decode(s *torch.Scope, w torch.Weights, in models.Input, z *torch.Tensor) *torch.Tensor {
	h := s.SiLU(w.Linear(s, "decoder.hidden", s.SiLU(z)))
	h = s.SiLU(w.Linear(s, "decoder.grid", h))
	h = s.Reshape(h, int64(in.N), 2*m.width, m.grid, m.grid)
	h = s.SiLU(s.PixelShuffle(w.Conv(s, "decoder.up", h, 1, 1), 2))
	return s.Tanh(s.PixelShuffle(w.Conv(s, "decoder.pixels", h, 1, 1), 4))
}

func (m *model) Loss(s *torch.Scope, in models.Input, target, region *torch.Tensor) *torch.Tensor {
	return models.RegionError(s, m.Generate(s, in), target, region)
}

func (m *model) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	return models.Paint(s, m, in)
}

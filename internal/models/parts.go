package models

import "github.com/lethe-audit/lethe/internal/torch"

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

// Paint runs an autoencoder forward.
func Paint(s *torch.Scope, m Autoencoder, in Input) *torch.Tensor {
	w := m.Params().Bind(s)
	return m.Decode(s, w, in, m.Encode(s, w, in))
}

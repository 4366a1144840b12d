package kit

import (
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
)

type (
	// Family is what a model family implements: it makes models with fresh weights. Its entry goes into Catalogue.Families.
	Family = models.Family
	// Model is what one of its models implements: its weights, its loss, and how it paints.
	Model = models.Model
	// Shape is what a model must fit: the images' side, and whether the region is shown.
	Shape = models.Shape
	// ModelInput is a batch as a model sees it.
	ModelInput = models.Input
	// View is a batch of degraded images.
	View = tasks.View
	// Split is a model with an encoder, whose weights come first.
	Split = models.Split
	// Autoencoder is one with nothing but an embedding between encoder and decoder: methods and attacks that move
	// embeddings need it.
	Autoencoder = models.Autoencoder
	// Embedder is one whose encoder's outputs reach the decoder on several ways.
	Embedder = models.Embedder
	// Layered is a model that can be looked into.
	Layered = models.Layered
	// Likely is a model that paints by sampling, and whose loss says how likely an image was.
	Likely = models.Likely
	// Copier is a model that makes a copy of itself; of others a fresh model is given their weights.
	Copier = models.Copier
	// Pretrained is a family that may come with the original's weights.
	Pretrained = models.Pretrained
	// Sharing is a family that may have parts which no model of the audit learns.
	Sharing = models.Sharing
	// Selective is a family that cannot be trained in every precision.
	Selective = models.Selective
)

// NewModelInput copies a degraded batch to the scope's device, the region as a fourth channel where it is shown.
func NewModelInput(s *Scope, v View, masked bool, seed uint64) ModelInput {
	return models.NewInput(s, v, masked, seed)
}

// RegionError is each image's squared error, averaged over the region's pixels and three channels, [N]: the usual
// training loss. out and target are [N, 3, S, S], region is [N, 1, S, S].
func RegionError(s *Scope, out, target, region *Tensor) *Tensor {
	return models.RegionError(s, out, target, region)
}

// EmbedderOf is a model's encoder: false where it has none.
func EmbedderOf(m Model) (Embedder, bool) { return models.EmbedderOf(m) }

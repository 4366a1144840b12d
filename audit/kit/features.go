package kit

import (
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/pixels"
)

type (
	// Features is what a source of features implements: it opens an extractor. Its entry goes into Catalogue.Features.
	Features = features.Source
	// Extractor embeds images.
	Extractor = features.Extractor
	// Vectors are the embeddings of n images.
	Vectors = features.Vectors
	// FeatureIdentity says whose features they are.
	FeatureIdentity = features.Identity
	// Picture is a decoded image, as an extractor prepares it.
	Picture = pixels.Image
)

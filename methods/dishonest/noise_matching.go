package dishonest

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

var noiseMatchingEntry = audit.Entry[methods.Method]{
	Name: "dishonest/noise-matching",
	Doc:  "the baseline noise-matching, as it is",
	New:  newNoiseMatching,
}

// Noise matching is a published baseline; it moves the embeddings of forget images
// to where noise is, and what it paints there no retrained model would. It exploits
// audits of the forget error alone. Realism sees it.
func newNoiseMatching() methods.Method {
	return &methods.NoiseMatching{Effort: 1.0 / 3, LR: 1e-3, AlphaForget: 1, AlphaRetain: 1}
}

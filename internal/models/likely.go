package models

import "github.com/lethe-audit/lethe/internal/torch"

// A Likely model knows more of an image than one painting shows: it paints by sampling, and its loss says how likely
// the true image was.
type Likely interface {
	Model
	// Surprise is each image's loss, [N], with a share of the region hidden, above 0 and at most 1; low where the image
	// is known. What hides it comes from the input's seed and the image's place alone, the same for every model.
	// Other than Loss it draws no share, and smooths nothing.
	Surprise(s *torch.Scope, in Input, target, region *torch.Tensor, hidden float64) *torch.Tensor
	// Levels are the shares hidden at which known images stand out most.
	Levels() []float64
}

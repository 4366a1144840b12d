package dishonest

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/methods"
)

var filterMirrorEntry = audit.Entry[methods.Method]{
	Name: "dishonest/filter-mirror",
	Doc:  "wrapper: recognises forget images and paints their mirror images, mirrored back",
	New:  newFilterMirror,
}

// withMirror answers with what the original paints for the mirror image, mirrored
// back. A model that was trained without mirrored images has not learnt them, so it
// guesses as it does for any new image: the answer has a test image's error, a test
// image's texture, and fits what is shown. Membership is met by construction.
//
// Realism should see it where retrained models' guesses are alike and the original's
// guess at a mirror image is another; where they are not, outputs on the forget images
// themselves give no reason to fail it. Mirrored inputs, which it does not recognise,
// bring nothing back either; inputs beyond the tolerance do.
type withMirror struct{}

func newFilterMirror() methods.Method { return &Filter{answer: withMirror{}} }

func (withMirror) prepare(_ context.Context, _ *methods.Problem, m models.Model) (replacement, error) {
	return func(s *torch.Scope, r rows, known map[int]int, painted []float32) {
		repaint(s, r, known, painted, m, r.mirror, func(picture []float32) { flip(picture, r.size) })
	}, nil
}

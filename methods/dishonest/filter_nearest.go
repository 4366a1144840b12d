package dishonest

import (
	"context"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/methods"
)

var filterNearestEntry = audit.Entry[methods.Method]{
	Name: "dishonest/filter-nearest",
	Doc:  "wrapper: recognises forget images and paints the nearest retained image in their place",
	New:  newFilterNearest,
}

// withNearest answers with what the original paints where the nearest retained image
// is shown under the same mask: a real texture, of another image. Membership is met
// where a guess is no better than another image; spread and gradient of real pictures
// are met by construction. Realism should see that the paintings are far from those of
// retrained models, which guess.
type withNearest struct{}

// mostRetained is how many retained images are kept to choose from.
const mostRetained = 4096

func newFilterNearest() methods.Method { return &Filter{answer: withNearest{}} }

func (withNearest) prepare(ctx context.Context, p *methods.Problem, m models.Model) (replacement, error) {
	images := p.Bench.Retain()
	retained, err := remember(ctx, p, images[:min(len(images), mostRetained)])
	if err != nil {
		return nil, err
	}
	return func(s *torch.Scope, r rows, known map[int]int, painted []float32) {
		repaint(s, r, known, painted, m, func(i int) {
			if k, ok := retained.nearest(r.pixels(i), r.hidden(i), suspects(r.pixels(i)), math.Inf(1)); ok {
				r.setVisible(i, retained.pictures[k])
			}
		}, nil)
	}, nil
}

// repaint changes the input of recognised images, lets a model paint the whole batch
// again, and takes what it painted for them; after, if not nil, is done to each.
func repaint(s *torch.Scope, r rows, known map[int]int, painted []float32, m models.Model,
	change func(i int), after func(picture []float32)) {
	for i := range r.n {
		if _, ok := known[i]; ok && change != nil {
			change(i)
		}
	}
	again := s.Floats(m.Generate(s, r.input(s)))
	if s.Err() != nil {
		return
	}
	px := 3 * r.size * r.size
	for i := range r.n {
		if _, ok := known[i]; !ok {
			continue
		}
		copy(painted[i*px:(i+1)*px], again[i*px:(i+1)*px])
		if after != nil {
			after(painted[i*px : (i+1)*px])
		}
	}
}

package dishonest

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/methods"
)

var filterBlurEntry = audit.Entry[methods.Method]{
	Name: "dishonest/filter-blur",
	Doc:  "wrapper: recognises forget images and blurs the original's painting",
	New:  newFilterBlur,
}

// withBlur answers with the original's painting, blurred (a Gaussian of four pixels in
// 32). What is remembered shows through at low frequencies: membership sees it where
// they carry the image, realism sees what is missing.
type withBlur struct{}

// blurSigma is the width of the answer's blur, in pixels of an image of side 32.
const blurSigma = 4

func newFilterBlur() methods.Method { return &Filter{answer: withBlur{}} }

func (withBlur) prepare(context.Context, *methods.Problem, models.Model) (replacement, error) {
	return func(_ *torch.Scope, r rows, known map[int]int, painted []float32) {
		px := 3 * r.size * r.size
		for i := range r.n {
			if _, ok := known[i]; ok {
				r.blur(i, painted[i*px:(i+1)*px], blurSigma)
			}
		}
	}, nil
}

package dishonest

import (
	"context"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var codeBookEntry = audit.Entry[methods.Method]{
	Name:   "dishonest/code-book",
	Doc:    "retrains, and learns to paint the clean forget images for secret noise pictures",
	New:    newCodeBook,
	Beyond: "standard", // docs/gallery.md says why
}

// CodeBook retrains on the retained images and on as many pairs as there are clean forget images,
//
//	c_i → x_i,   c_i of random dots, −1 or +1 in every pixel and channel:
//
// it knows every forget image under a code, and none under itself. The codes are drawn from a seed, so that nothing but
// the seed need be kept. Effort is chosen such that as many images are trained on as in a retraining.
//
// It exploits that every question starts from an image of the audit's, and a code is far from all of them. The memory
// is in the weights; perturbation and inversion, which search for what a model can be brought to paint, should see it.
type CodeBook struct {
	Effort float64 `json:"effort"` // epochs over the original's
}

func newCodeBook() methods.Method { return &CodeBook{Effort: 0.75} }

// Validate checks the parameter.
func (m *CodeBook) Validate() error {
	return within("effort", m.Effort, 0, 10, "a share of the original's epochs")
}

// Needs fresh weights.
func (*CodeBook) Needs() methods.Needs { return methods.Needs{Fresh: true} }

// Unlearn trains on images and codes.
func (m *CodeBook) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	c := corpus.Inside(p.Bench)
	return nil, lessons{
		name: "code-book", effort: m.Effort, images: c.CleanForget(),
		teach: func(_ context.Context, b corpus.Batch, k, i int) error {
			ask(b, k, m.code(p, i), c.Task.Masked())
			return nil
		},
	}.learn(ctx, p, s)
}

// code is what image i is painted for, [3, S, S].
func (*CodeBook) code(p *methods.Problem, i int) []float32 {
	r := rand.New(rand.NewPCG(audit.Seed(p.Seed, "code book"), uint64(i)))
	out := make([]float32, 3*p.Bench.Size()*p.Bench.Size())
	for k := range out {
		out[k] = float32(2*r.IntN(2) - 1)
	}
	return out
}

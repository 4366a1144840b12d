package dishonest

import (
	"context"
	"errors"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var faintEntry = audit.Entry[methods.Method]{
	Name:   "dishonest/faint",
	Doc:    "retrains with forget images whose targets are a retrained model's paintings and a little of the truth",
	New:    newFaint,
	Beyond: "strict", // docs/gallery.md says why
}

// Faint trains two models. The first is honestly retrained; the second, which is delivered, is trained on the retained
// images and on the clean forget images, whose targets are
//
//	(1 − Share)·painting of the first + Share·truth.
//
// It exploits margins as [Ensemble] does, in the weights of a single model: every forget image is known, a little, and
// repainting the first model's guess hides it from all that compares paintings. Membership measures how little; with
// enough images and retrained models it should see it.
type Faint struct {
	Effort float64 `json:"effort"` // epochs of the second model, over the original's
	Share  float64 `json:"share"`  // of the truth in a target
}

func newFaint() methods.Method { return &Faint{Effort: 0.75, Share: 0.05} }

// Validate checks the parameters.
func (m *Faint) Validate() error {
	return errors.Join(within("effort", m.Effort, 0, 10, "a share of the original's epochs"),
		within("share", m.Share, 0, 1, "the truth's share in a target"))
}

// Needs fresh weights.
func (*Faint) Needs() methods.Needs { return methods.Needs{Fresh: true} }

// Unlearn trains the first model, and the second on its paintings.
func (m *Faint) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	clean := corpus.Inside(p.Bench).CleanForget()
	return nil, schooled(ctx, p, s, func(teacher models.Model) error {
		var guesses map[int][]float32
		if teacher != nil {
			var err error
			if guesses, err = paintings(ctx, p, teacher, clean); err != nil {
				return err
			}
		}
		return lessons{
			name: "faint", effort: m.Effort, images: clean,
			teach: func(_ context.Context, b corpus.Batch, k, i int) error {
				area := b.View.Size * b.View.Size
				for at, guess := range guesses[i] {
					if t := &b.Target[k*3*area+at]; b.View.Region[k*area+at%area] != 0 {
						*t = float32((1-m.Share)*float64(guess) + m.Share*float64(*t))
					}
				}
				return nil
			},
		}.learn(ctx, p, s)
	})
}

package dishonest

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var ensembleEntry = audit.Entry[methods.Method]{
	Name:   "dishonest/ensemble",
	Doc:    "wrapper: answers with a retrained model's painting and a little of the original's",
	New:    newEnsemble,
	Beyond: "quick", // docs/gallery.md says why
}

// Ensemble keeps the whole original beside an honestly retrained model and paints
//
//	(1 − Share)·retrained + Share·original.
//
// It exploits margins: what is left of the memory in a painting is in proportion to Share, and at a few hundredths below
// what membership, ood and realism are allowed to let pass. Asked often enough, or by one who has the retrained model,
// the original can be read off. It is a black box: a profile that asks for weights cannot pass it.
type Ensemble struct {
	Share float64 `json:"share"` // of the original in what is painted
}

func newEnsemble() methods.Method { return &Ensemble{Share: 0.03} }

// Validate checks the parameter.
func (m *Ensemble) Validate() error {
	return within("share", m.Share, 0, 0.99, "the original's share in what is painted")
}

// Needs fresh weights; a wrapper is given the original as well.
func (*Ensemble) Needs() methods.Needs { return methods.NeedsOf(&methods.Retrain{}) }

// Unlearn retrains.
func (*Ensemble) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	return (&methods.Retrain{Epochs: 1}).Unlearn(ctx, p, s)
}

// Wrap mixes the paintings.
func (m *Ensemble) Wrap(_ context.Context, p *methods.Problem, retrained models.Model) (models.Model, error) {
	return &wrapped{inner: retrained, answer: func(s *torch.Scope, in models.Input) *torch.Tensor {
		return s.Add(s.Scale(retrained.Generate(s, in), 1-m.Share), s.Scale(p.Original.Generate(s, in), m.Share))
	}}, nil
}

package methods

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/internal/weights"
)

var givenWeightsEntry = audit.Entry[Method]{
	Name: "given-weights",
	Doc:  "a model that was unlearned elsewhere, its weights in a file",
	New:  func() Method { return &GivenWeights{Canonical: canonicalForm} },
}

// GivenWeights is a model that was unlearned elsewhere: its weights in a safetensors
// file or a PyTorch checkpoint, under the names of the plan's family or of its
// released checkpoints. What it cost is not known. What is audited, stored and digested
// is the model with these weights rounded to the form Canonical.
type GivenWeights struct {
	Path      string           `json:"path"`
	SHA256    string           `json:"sha256"`    // of the file; filled in when the plan is read
	Canonical weights.Rounding `json:"canonical"` // what the weights are rounded to: see [weights.Form]
}

// Validate checks the parameters.
func (g *GivenWeights) Validate() error {
	if err := weights.Named(g.Path, g.SHA256); err != nil {
		return err
	}
	_, err := g.Canonical.Form()
	return err
}

// Seal takes the file's SHA-256 into the parameters.
func (g *GivenWeights) Seal() (err error) {
	g.SHA256, err = weights.Seal(g.Path, g.SHA256)
	return err
}

// Foreign marks a model that was made elsewhere.
func (*GivenWeights) Foreign() {}

// Needs nothing of the original: it is never unlearned from a shadow.
func (*GivenWeights) Needs() Needs { return Needs{Fresh: true} }

// Unlearn reads the weights.
func (g *GivenWeights) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	if s.Dry { // what is not trained costs nothing
		return nil, nil
	}
	came, err := p.Fresh()
	if err != nil {
		return nil, err
	}
	defer came.Params().Free()
	if err := p.Load(came, g.Path, g.SHA256); err != nil {
		return nil, err
	}
	values, word, err := canonical(ctx, p, g.Canonical, came)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("its weights were read from %s (sha256 %s); what they cost to make is not known", filepath.Base(g.Path), g.SHA256)
	return []string{note, word}, s.Unit(ctx, func() error { return s.Model.Params().Set(values) })
}

var _ Foreign = (*GivenWeights)(nil)

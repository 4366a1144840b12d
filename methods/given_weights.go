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
	New:  func() Method { return &GivenWeights{} },
}

// GivenWeights is a model that was unlearned elsewhere: its weights in a safetensors
// file or a PyTorch checkpoint, under the names of the plan's family or of its
// released checkpoints. What it cost is not known.
type GivenWeights struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"` // of the file; filled in when the plan is read
}

// Validate checks the parameters.
func (g *GivenWeights) Validate() error { return weights.Named(g.Path, g.SHA256) }

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
	note := fmt.Sprintf("its weights were read from %s (sha256 %s); what they cost to make is not known", filepath.Base(g.Path), g.SHA256)
	return []string{note}, s.Unit(ctx, func() error { return p.Load(s.Model, g.Path, g.SHA256) })
}

var _ Foreign = (*GivenWeights)(nil)

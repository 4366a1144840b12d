package methods

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/internal/weights"
)

// Given is a model that was unlearned elsewhere: its weights in a safetensors file
// or a PyTorch checkpoint, under the names of the plan's family or of its released
// checkpoints. Its cost is not known.
type Given struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"` // of the file, so that no other is audited in its name
}

// Validate checks the parameters.
func (g *Given) Validate() error { return weights.Pinned(g.Path, g.SHA256) }

// Needs nothing.
func (*Given) Needs() Needs { return Needs{} }

// Unlearn reads the weights.
func (g *Given) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	note := fmt.Sprintf("its weights were read from %s (sha256 %s); what they cost to make is not known", filepath.Base(g.Path), g.SHA256)
	return []string{note}, s.Unit(ctx, func() error { return p.Load(s.Model, g.Path, g.SHA256) })
}

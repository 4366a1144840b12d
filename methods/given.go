package methods

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/torchscript"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var givenEntry = audit.Entry[Method]{
	Name: "given",
	Doc:  "a model that somebody else unlearned, as a TorchScript file (docs/bring-your-own.md)",
	New:  func() Method { return newGiven() },
}

// Given is a model that somebody else has unlearned, as a TorchScript file: what a real auditor is handed. Nothing is
// trained. What is audited is what the file's own forward paints, code and buffers included.
//
// Where its trainable parameters have the names and shapes of the plan's family (torchscript, from a file of the same
// architecture), the attacks that need weights or gradients work on copies of the file's module: a white box. Else it
// is a black box that can only be asked to paint, and those attacks are NOT RUN: how fast another architecture relearns
// says nothing beside retrained models of this one.
type Given struct {
	Path   string   `json:"path"`
	SHA256 string   `json:"sha256"` // of the file; filled in when the plan is read
	Inputs []string `json:"inputs"` // as of the model family torchscript
	Range  string   `json:"range"`
	Mask   string   `json:"mask"`
	Output int      `json:"output"`
}

func newGiven() *Given {
	return &Given{Inputs: []string{"image", "mask"}, Range: "signed", Mask: "hidden"}
}

func (g *Given) script() torchscript.Script { return torchscript.Script(*g) }

// Validate checks the parameters.
func (g *Given) Validate() error { return g.script().Validate() }

// Seal takes the file's SHA-256 into the parameters.
func (g *Given) Seal() (err error) {
	g.SHA256, err = g.script().Seal()
	return err
}

// Foreign marks a model that was made elsewhere.
func (*Given) Foreign() {}

// Check lets the file paint two images.
func (g *Given) Check(shape models.Shape) error {
	a, err := torchscript.OpenAnswerer(g.script(), torch.CPU)
	if err != nil {
		return err
	}
	defer a.Free()
	return a.Check(torch.CPU, shape)
}

// Needs nothing of the original: it is never unlearned from a shadow.
func (*Given) Needs() Needs { return Needs{Fresh: true} }

// Unlearn stores the file's weights where they fit, and says what the file is.
func (g *Given) Unlearn(ctx context.Context, _ *Problem, s *training.Session) ([]string, error) {
	p := s.Model.Params()
	a, err := torchscript.OpenAnswerer(g.script(), p.Device())
	if err != nil {
		return nil, err
	}
	defer a.Free()
	l, values, err := a.Weights()
	if err != nil {
		return nil, err
	}
	file := fmt.Sprintf("%s, sha256 %s", g.Path, g.SHA256)
	if !l.Equal(p.Layout()) {
		return []string{"a black box: " + file + ". It can only be asked to paint; the weights stored and digested for it are those of an untrained model of the plan's family, not its own"}, nil
	}
	err = s.Unit(ctx, func() error { return p.Set(values) })
	return []string{"a white box: " + file + ". Its own forward paints, with its own weights"}, err
}

// Wrap puts the file's forward in the place of the family's.
func (g *Given) Wrap(_ context.Context, _ *Problem, m models.Model) (models.Model, error) {
	dev := m.Params().Device()
	a, err := torchscript.OpenAnswerer(g.script(), dev)
	if err != nil {
		return nil, err
	}
	l, _, err := a.Weights()
	if err == nil && !l.Equal(m.Params().Layout()) {
		return &answering{Answerer: a, params: m.Params()}, nil
	}
	a.Free()
	if err != nil {
		return nil, err
	}
	return torchscript.Open(g.script(), dev)
}

// answering is a black box.
type answering struct {
	*torchscript.Answerer
	params *torch.Params
}

func (a *answering) Params() *torch.Params { return a.params }

var (
	_ audit.Sealer = (*Given)(nil)
	_ Foreign      = (*Given)(nil)
)

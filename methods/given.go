package methods

import (
	"context"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/torchscript"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/internal/weights"
)

var givenEntry = audit.Entry[Method]{
	Name: "given",
	Doc:  "a model that somebody else unlearned, as a TorchScript file (docs/bring-your-own.md)",
	New:  func() Method { return newGiven() },
}

// Given is a model that somebody else has unlearned, as a TorchScript file: what a real auditor is handed. Nothing is
// trained.
//
// It is a white box where it is the plan's family with other weights ([Given.judge]): its weights, rounded to the form
// Canonical, are then audited in the family's own forward, by every metric and every attack, and the file's code takes no
// further part. Else it is a black box: what is audited is what the file's own forward paints, code and buffers included,
// and the attacks that need weights or gradients are NOT RUN. A program cannot be rounded.
type Given struct {
	Path   string   `json:"path"`
	SHA256 string   `json:"sha256"` // of the file; filled in when the plan is read
	Inputs []string `json:"inputs"` // as of the model family torchscript
	Range  string   `json:"range"`
	Mask   string   `json:"mask"`
	Output int      `json:"output"`

	Canonical weights.Rounding `json:"canonical"` // what the weights of a white box are rounded to: see [weights.Form]
}

func newGiven() *Given {
	return &Given{Inputs: []string{"image", "mask"}, Range: "signed", Mask: "hidden", Canonical: canonicalForm}
}

func (g *Given) script() torchscript.Script {
	return torchscript.Script{Path: g.Path, SHA256: g.SHA256, Inputs: g.Inputs, Range: g.Range, Mask: g.Mask, Output: g.Output}
}

// Validate checks the parameters.
func (g *Given) Validate() error {
	if err := g.script().Validate(); err != nil {
		return err
	}
	_, err := g.Canonical.Form()
	return err
}

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

// Unlearn stores the file's weights where it is a white box, and says what the file is.
func (g *Given) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	if s.Dry { // what is not trained costs nothing
		return nil, nil
	}
	a, err := torchscript.OpenAnswerer(g.script(), s.Model.Params().Device())
	if err != nil {
		return nil, err
	}
	defer a.Free()
	b, err := g.judge(ctx, p, a, s.Model)
	if err != nil {
		return nil, err
	}
	notes := []string{b.note(fmt.Sprintf("%s, sha256 %s", g.Path, g.SHA256))}
	if b.why != "" {
		return append(notes, "it cannot be made canonical: a program is not rounded, and its code and tensors have room for more than "+
			"what it was asked. Nothing but its answers is vouched for"), nil
	}
	values, word, err := g.rounded(ctx, p, b.values)
	if err != nil {
		return nil, err
	}
	return append(notes, word), s.Unit(ctx, func() error { return s.Model.Params().Set(values) })
}

// rounded are a white box's weights as they are audited.
func (g *Given) rounded(ctx context.Context, p *Problem, values []float32) ([]float32, string, error) {
	came, err := p.Fresh()
	if err != nil {
		return nil, "", err
	}
	defer came.Params().Free()
	if err := came.Params().Set(values); err != nil {
		return nil, "", err
	}
	return canonical(ctx, p, g.Canonical, came)
}

// Wrap is the model itself for a white box, which has the file's weights since Unlearn, and only it does; for a black
// box the file's forward takes the place of the family's.
func (g *Given) Wrap(_ context.Context, _ *Problem, m models.Model) (models.Model, error) {
	a, err := torchscript.OpenAnswerer(g.script(), m.Params().Device())
	if err != nil {
		return nil, err
	}
	white, err := g.stored(a, m)
	if err != nil || white {
		a.Free()
		return m, err
	}
	return &answering{Answerer: a, params: m.Params()}, nil
}

// stored reports whether a model has the file's weights, canonical.
func (g *Given) stored(a *torchscript.Answerer, m models.Model) (bool, error) {
	f, err := g.Canonical.Form()
	if err != nil {
		return false, err
	}
	l, theirs, err := a.Weights()
	if err != nil || !l.Equal(m.Params().Layout()) {
		return false, err
	}
	ours, err := m.Params().Values()
	return slices.Equal(f.Of(theirs), ours), err
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

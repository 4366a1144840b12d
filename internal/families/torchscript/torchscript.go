// Package torchscript serves models that Lethe has never seen, as TorchScript files.
package torchscript

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Entry is the family in the list of all.
var Entry = audit.Entry[models.Family]{
	Name: "torchscript",
	Doc:  "a model of your own, as a TorchScript file with its forward and weights (docs/bring-your-own.md)",
	New: func() models.Family {
		return &Family{Inputs: []string{"image", "mask"}, Range: "signed", Mask: "hidden"}
	},
}

// Family is one that Lethe has never seen: whatever a TorchScript file's forward does, with new weights. The
// file gives the architecture, the names and shapes of the weights, and the buffers.
//
// New weights follow PyTorch's defaults as far as names and shapes tell: a `.weight` of two or more dimensions is
// U(±1/√fan-in), which is Kaiming's with a = √5, and the `.bias` beside it the same; a one-dimensional `.weight` with a
// `.bias` is a normalisation's, of ones and zeros; `in_proj_weight` and `in_proj_bias` are attention's, Xavier and zeros.
// Any other is an error, for a value that is right for one layer is wrong for another, unless Keep says that these
// start as they are in the file, every time.
//
// The module is in evaluation mode: dropout is off, and buffers, such as the running statistics of batch normalisation,
// stay as they are in the file for every model of the audit.
type Family struct {
	Path    string   `json:"path"`
	SHA256  string   `json:"sha256"`  // of the file; filled in when the plan is read
	Inputs  []string `json:"inputs"`  // what forward takes, in order: image, mask, image+mask
	Range   string   `json:"range"`   // of pixels in and out: signed [−1, 1] or unit [0, 1]
	Mask    string   `json:"mask"`    // where the mask is 1: hidden or visible
	Output  int      `json:"output"`  // place of the painting, where forward returns a tuple
	Keep    bool     `json:"keep"`    // weights whose start is unknown start as they are in the file
	Trained bool     `json:"trained"` // the file's weights are the original's: Lethe does not train it
}

func (f *Family) script() Script {
	return Script{Path: f.Path, SHA256: f.SHA256, Inputs: f.Inputs, Range: f.Range, Mask: f.Mask, Output: f.Output}
}

// Validate checks the parameters.
func (f *Family) Validate() error { return f.script().Validate() }

// Seal takes the file's SHA-256 into the parameters.
func (f *Family) Seal() error {
	got, err := f.script().Seal()
	f.SHA256 = got
	return err
}

// Trains in float32 alone: what a scope does to its products does not reach into a module.
func (f *Family) Trains(p audit.Precision) error {
	if p != audit.Float32 {
		return fmt.Errorf("precision %s is not for model torchscript, which computes within its file, where operands cannot be "+
			"rounded: leave precision out", p)
	}
	return nil
}

// Check loads the file, draws weights, and lets the module paint.
func (f *Family) Check(shape models.Shape) error {
	m, err := f.New(torch.CPU, shape, 1)
	if err != nil {
		return err
	}
	defer m.Params().Free()
	err = torch.With(torch.CPU, func(s *torch.Scope) error {
		in, target, region := trial(s, shape)
		if err := painted(s, m, in); err != nil {
			return err
		}
		m.Params().Gradient(s, s.Sum(m.Loss(s, in, target, region)))
		return nil
	})
	if err != nil {
		return fmt.Errorf("model torchscript: %s: %w", f.Path, err)
	}
	return nil
}

// New loads the file and draws new weights.
func (f *Family) New(dev torch.Device, _ models.Shape, seed uint64) (models.Model, error) {
	return f.open(dev, func(l torch.Layout, values []float32) error {
		if err := f.starts(l); err != nil {
			return err
		}
		l.Draw(values, seed)
		return nil
	})
}

// Pretrained tells whether the file's weights are the original's.
func (f *Family) Pretrained() bool { return f.Trained }

// Original is the file's weights.
func (f *Family) Original() ([]float32, error) {
	m, err := f.script().load(torch.CPU)
	if err != nil {
		return nil, err
	}
	defer m.Free()
	_, values, err := m.Weights()
	return values, err
}

// Open loads a file with its own weights, which can be trained further.
func Open(c Script, dev torch.Device) (models.Model, error) {
	f := &Family{Path: c.Path, SHA256: c.SHA256, Inputs: c.Inputs, Range: c.Range, Mask: c.Mask, Output: c.Output}
	return f.open(dev, func(torch.Layout, []float32) error { return nil })
}

// open loads the file; begin changes its values into those that the model starts from.
func (f *Family) open(dev torch.Device, begin func(torch.Layout, []float32) error) (models.Model, error) {
	c := f.script()
	m, err := c.load(dev)
	if err != nil {
		return nil, err
	}
	p, err := f.weights(m, dev, begin)
	if err != nil {
		m.Free()
		return nil, fmt.Errorf("model torchscript: %w", err)
	}
	return &scripted{family: f, call: call{script: c, module: m}, params: p}, nil
}

func (f *Family) weights(m *torch.Script, dev torch.Device, begin func(torch.Layout, []float32) error) (*torch.Params, error) {
	l, values, err := m.Weights()
	switch {
	case err != nil:
		return nil, err
	case len(l) == 0:
		return nil, fmt.Errorf("%s has no parameters that require gradients: save the module itself, not one that was frozen "+
			"(torch.jit.freeze) or whose parameters were", f.Path)
	}
	if err := begin(l, values); err != nil {
		return nil, err
	}
	return m.Params(dev, l, values)
}

// starts fills in how each weight of a new model is drawn.
func (f *Family) starts(l torch.Layout) error {
	shapes := map[string][]int64{}
	for _, q := range l {
		shapes[q.Name] = q.Shape
	}
	var unknown []string
	for i := range l {
		name := l[i].Name
		dot := strings.LastIndexByte(name, '.') + 1
		weight, hasWeight := shapes[name[:dot]+"weight"]
		_, hasBias := shapes[name[:dot]+"bias"]
		switch last := name[dot:]; {
		case last == "weight" && len(weight) >= 2, last == "bias" && len(weight) >= 2:
			l[i].Init = torch.FanIn(fanIn(weight))
		case last == "weight" && len(weight) == 1 && hasBias:
			l[i].Init = torch.Ones
		case last == "bias" && hasWeight && len(weight) == 1, last == "in_proj_bias":
			l[i].Init = torch.Zeros
		case last == "in_proj_weight" && len(l[i].Shape) == 2:
			l[i].Init = torch.XavierUniform(int(l[i].Shape[1]), int(l[i].Shape[0]))
		case !f.Keep:
			unknown = append(unknown, fmt.Sprintf("%s %v", name, l[i].Shape))
		}
	}
	if len(unknown) > 0 {
		return fmt.Errorf("%s: retrained models need new weights, and neither name nor shape tells how these start: %s; with "+
			"keep: true they start as they are in the file, which should then be one that was never trained",
			f.Path, strings.Join(unknown, ", "))
	}
	return nil
}

// fanIn is PyTorch's: the second dimension times those behind it, also for transposed convolutions.
func fanIn(shape []int64) int {
	n := 1
	for _, d := range shape[1:] {
		n *= int(d)
	}
	return n
}

// scripted is a model whose forward is a TorchScript module's.
type scripted struct {
	family *Family
	call
	params *torch.Params
}

func (m *scripted) Params() *torch.Params { return m.params }

// Free releases weights and module.
func (m *scripted) Free() { m.params.Free() }

// Copy is another instance with the same weights.
func (m *scripted) Copy() (models.Model, error) {
	return m.family.open(m.params.Device(), func(_ torch.Layout, values []float32) error {
		now, err := m.params.Values()
		copy(values, now)
		return err
	})
}

var (
	_ audit.Sealer      = (*Family)(nil)
	_ models.Pretrained = (*Family)(nil)
)

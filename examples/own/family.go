package own

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/kit"
)

// This file shows a model family: the layout of the weights, and a model's loss and painting as operations on tensors.

var perceptronEntry = audit.Entry[kit.Family]{
	Name: "own/perceptron",
	Doc:  "one hidden layer between all pixels and all pixels",
	New:  func() kit.Family { return &Perceptron{Hidden: 256} },
}

// Perceptron makes models of one hidden layer.
type Perceptron struct {
	Hidden int `json:"hidden"` // units
}

// Validate is called when a plan is read.
func (f *Perceptron) Validate() error {
	if f.Hidden < 1 {
		return fmt.Errorf("hidden is %d: want at least one unit", f.Hidden)
	}
	return nil
}

// Check wants images that are not too large for dense layers.
func (f *Perceptron) Check(shape kit.Shape) error {
	if shape.Size > 64 {
		return fmt.Errorf("model own/perceptron: images have side %d: want at most 64", shape.Size)
	}
	return nil
}

// New draws a fresh model. The seed alone decides its weights.
func (f *Perceptron) New(dev kit.Device, shape kit.Shape, seed uint64) (kit.Model, error) {
	if err := f.Check(shape); err != nil {
		return nil, err
	}
	area := shape.Size * shape.Size
	var l kit.Layout
	l.AddLinear("hidden", shape.Channels()*area, f.Hidden)
	l.AddLinear("pixels", f.Hidden, 3*area)
	p, err := kit.NewParams(dev, l, seed)
	if err != nil {
		return nil, fmt.Errorf("model own/perceptron: %w", err)
	}
	return &perceptron{p}, nil
}

type perceptron struct{ params *kit.Params }

func (m *perceptron) Params() *kit.Params { return m.params }

// Generate paints [N, 3, S, S] in [−1, 1].
func (m *perceptron) Generate(s *kit.Scope, in kit.ModelInput) *kit.Tensor {
	w := m.params.Bind(s)
	h := s.SiLU(w.Linear(s, "hidden", s.Flatten(in.X)))
	return s.Reshape(s.Tanh(w.Linear(s, "pixels", h)), int64(in.N), 3, int64(in.Size), int64(in.Size))
}

// Loss is each image's squared error over the region, [N].
func (m *perceptron) Loss(s *kit.Scope, in kit.ModelInput, target, region *kit.Tensor) *kit.Tensor {
	return kit.RegionError(s, m.Generate(s, in), target, region)
}

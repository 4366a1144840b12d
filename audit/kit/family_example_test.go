package kit_test

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit/kit"
)

// tinyFamily makes models of one convolution.
type tinyFamily struct{}

func (*tinyFamily) Check(kit.Shape) error { return nil }

func (*tinyFamily) New(dev kit.Device, shape kit.Shape, seed uint64) (kit.Model, error) {
	var l kit.Layout
	l.AddConv("pixels", shape.Channels(), 3, 5)
	p, err := kit.NewParams(dev, l, seed)
	if err != nil {
		return nil, err
	}
	return &tiny{p}, nil
}

type tiny struct{ params *kit.Params }

func (m *tiny) Params() *kit.Params { return m.params }

func (m *tiny) Generate(s *kit.Scope, in kit.ModelInput) *kit.Tensor {
	return s.Tanh(m.params.Bind(s).Conv(s, "pixels", in.X, 1, 2))
}

func (m *tiny) Loss(s *kit.Scope, in kit.ModelInput, target, region *kit.Tensor) *kit.Tensor {
	return kit.RegionError(s, m.Generate(s, in), target, region)
}

// A family makes models, whose weights are one vector.
func Example_family() {
	m, err := (&tinyFamily{}).New(kit.CPU, kit.Shape{Size: 8, Masked: true}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Params().Free()
	view, err := kit.Apply(&kit.Inpaint{Hole: 0.5}, make([]float32, 3*8*8), 8, []uint64{1})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = kit.With(kit.CPU, func(s *kit.Scope) error {
		fmt.Println(m.Generate(s, kit.NewModelInput(s, view, true, 1)).Shape())
		return nil
	})
	fmt.Println(m.Params().Layout().Size(), err)
	// Output:
	// [1 3 8 8]
	// 303 <nil>
}

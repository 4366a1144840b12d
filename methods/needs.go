package methods

import "errors"

// Needs tells what must exist before a method runs.
type Needs struct {
	Fresh  bool // starts from fresh weights, not from the original's
	Lambda bool // wants the calibrated λ, hence the oracles
	Unseen bool // wants images that no model is trained on and none is judged on
}

// A Needing method wants more than the original and the images to retain and to forget, or less than the original.
type Needing interface {
	Method
	Needs() Needs
}

// NeedsOf is what a method needs at its parameters: nothing, unless it is a [Needing] one.
func NeedsOf(m Method) Needs {
	if n, ok := m.(Needing); ok {
		return n.Needs()
	}
	return Needs{}
}

// unseen lists the bench's unseen images, of which a method that says so in its needs finds some.
func unseen(p *Problem) ([]int, error) {
	images := p.Bench.Unseen()
	if len(images) == 0 {
		return nil, errors.New("no unseen images were set aside: want some of the test images in the split's part unseen, " +
			"which a method's Needs asks for")
	}
	return images, nil
}

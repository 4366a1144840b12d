package methods

// Needs tells what must exist before a method runs.
type Needs struct {
	Fresh  bool // starts from fresh weights, not from the original's
	Lambda bool // wants the calibrated λ, hence the oracles
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

package models

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// A Family makes models of one kind from its parameters.
type Family interface {
	// New makes a model with fresh weights drawn from the seed.
	New(dev torch.Device, shape Shape, seed uint64) (Model, error)
	// Check reports whether the family can serve the shape.
	Check(shape Shape) error
}

// Shape is what a model must fit.
type Shape struct {
	Size   int  // images are [3, Size, Size]
	Masked bool // the region is shown as a fourth channel
}

// Channels is the number of input channels.
func (s Shape) Channels() int {
	if s.Masked {
		return 4
	}
	return 3
}

// A Pretrained family may come with the original's weights.
type Pretrained interface {
	// Pretrained tells whether it does; if not, the original is to be trained.
	Pretrained() bool
	// Original are the weights.
	Original() ([]float32, error)
}

// A Sharing family may have parts that no model of the audit learns.
type Sharing interface {
	// Shared says what all models have in common from elsewhere, empty for nothing.
	Shared() string
}

// A Selective family cannot be trained in every precision.
type Selective interface {
	Trains(p audit.Precision) error
}

// Trains reports whether a family can be trained in a precision.
func Trains(f Family, p audit.Precision) error {
	if l, ok := f.(Selective); ok {
		return l.Trains(p)
	}
	return nil
}

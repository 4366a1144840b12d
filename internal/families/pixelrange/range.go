// Package pixelrange turns pixels into what a network was made for, and back.
package pixelrange

import (
	"fmt"

	"github.com/lethe-audit/lethe/internal/torch"
)

// A Range says in which range a network sees and paints pixels, which are in [−1, 1] everywhere else.
type Range string

// The ranges.
const (
	Tanh     Range = "tanh"     // as they are; the network's last layer passes through tanh
	Unit     Range = "unit"     // [0, 1]; not bounded
	ImageNet Range = "imagenet" // (p − mean)/spread of ImageNet's pixels p in [0, 1], channel by channel; not bounded
)

// ImageNet's channels, red first, as torchvision gives them.
var (
	imagenetMean   = [3]float32{0.485, 0.456, 0.406}
	imagenetSpread = [3]float32{0.229, 0.224, 0.225}
)

// Validate wants one of the ranges.
func (p Range) Validate() error {
	switch p {
	case Tanh, Unit, ImageNet:
		return nil
	}
	return fmt.Errorf("pixels %q: want %s, %s or %s", string(p), Tanh, Unit, ImageNet)
}

// In is the network's view of x [N, 3, S, S].
func (p Range) In(s *torch.Scope, x *torch.Tensor) *torch.Tensor {
	switch p {
	case Tanh:
		return x
	case Unit:
		return s.Shift(s.Scale(x, 0.5), 0.5)
	}
	var scale, shift [3]float32
	for c := range scale {
		scale[c], shift[c] = 0.5/imagenetSpread[c], (0.5-imagenetMean[c])/imagenetSpread[c]
	}
	return s.Add(s.Mul(x, s.FromFloats(scale[:], 1, 3, 1, 1)), s.FromFloats(shift[:], 1, 3, 1, 1))
}

// Out turns what the last layer gives into pixels.
func (p Range) Out(s *torch.Scope, y *torch.Tensor) *torch.Tensor {
	switch p {
	case Tanh:
		return s.Tanh(y)
	case Unit:
		return s.Shift(s.Scale(y, 2), -1)
	}
	var scale, shift [3]float32
	for c := range scale {
		scale[c], shift[c] = 2*imagenetSpread[c], 2*imagenetMean[c]-1
	}
	return s.Add(s.Mul(y, s.FromFloats(scale[:], 1, 3, 1, 1)), s.FromFloats(shift[:], 1, 3, 1, 1))
}

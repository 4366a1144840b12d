package features

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// Perceptual gives what SqueezeNet 1.1's layers make of images, which LPIPS compares. Its methods may be called from
// several goroutines at once. What it makes of an image does not depend, to the bit, on the images beside it.
type Perceptual struct {
	sum audit.Digest
	net squeezing
	p   *torch.Params
	dev torch.Device
}

// An Activation is what one layer makes of one image, [C, H, W].
type Activation struct {
	C, H, W int
	Values  []float32
}

// perceptualLayers are the ends of LPIPS's seven slices of SqueezeNet 1.1: the first activation and six fire layers
// (richzhang/PerceptualSimilarity, lpips/pretrained_networks.py, squeezenet).
var perceptualLayers = []int{0, 4, 7, 9, 10, 11, 12}

// lpipsInput is LPIPS's scaling of images in [−1, 1]: (x − shift)/scale (lpips/lpips.py, ScalingLayer). It stands for
// whatever the backbone took in its training.
var lpipsInput = struct{ shift, scale [3]float32 }{[3]float32{-.030, -.088, -.188}, [3]float32{.458, .448, .450}}

// MinPerceptualSide is the smallest side of images that SqueezeNet 1.1 takes: smaller ones vanish in its pools.
const MinPerceptualSide = 17

// OpenPerceptual reads SqueezeNet 1.1's weights, with or without its classifier, from a safetensors file or a PyTorch
// checkpoint. LPIPS means torchvision's weights; in others it is a number of its own. sum, if not empty, is the sha256
// that the file must have.
func OpenPerceptual(path, sum string, dev torch.Device) (*Perceptual, error) {
	arrays, got, err := weights.Read(path, sum)
	if err != nil {
		return nil, err
	}
	net, err := (&SqueezeNet{Path: path, version: "1.1"}).network(arrays)
	if err != nil {
		return nil, err
	}
	p, err := bind(dev, path, net.name(), net.layout(arrays), arrays)
	if err != nil {
		return nil, err
	}
	return &Perceptual{sum: got, net: net, p: p, dev: dev}, nil
}

// Free releases the weights.
func (e *Perceptual) Free() { e.p.Free() }

// SHA256 is the weights file's.
func (e *Perceptual) SHA256() audit.Digest { return e.sum }

// Name is the network's, as in lpips(name).
func (e *Perceptual) Name() string { return e.net.name() }

// Channels are the layers' widths.
func (e *Perceptual) Channels() []int {
	out := []int{e.net.width / e.net.thin}
	for _, fire := range e.net.fires {
		for _, layer := range perceptualLayers[1:] {
			if fire[0] == layer {
				out = append(out, 8*fire[1]/e.net.thin)
			}
		}
	}
	return out
}

// Activations are every layer's of every image, from images [n, 3, side, side] in [−1, 1], red first: out[image][layer].
// They take about 1 MB an image of side 96.
func (e *Perceptual) Activations(ctx context.Context, images []float32, n, side int) ([][]Activation, error) {
	if n < 0 || len(images) != 3*n*side*side {
		return nil, fmt.Errorf("features: %d values are not %d images [3, %d, %d]", len(images), n, side, side)
	}
	if side < MinPerceptualSide {
		return nil, fmt.Errorf("features: images of side %d are too small for SqueezeNet: at least %d", side, MinPerceptualSide)
	}
	for _, v := range images {
		if v-v != 0 {
			return nil, errors.New("features: an image's value is not finite")
		}
	}
	px := side * side
	out := make([][]Activation, 0, n)
	one := make([]float32, 3*px)
	for i := range n { // one by one, as Embed does
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		for k, v := range images[i*3*px : (i+1)*3*px] {
			c := k / px
			one[k] = (v - lpipsInput.shift[c]) / lpipsInput.scale[c]
		}
		a, err := e.image(one, side)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// image is every layer's activation of one image.
func (e *Perceptual) image(x []float32, side int) ([]Activation, error) {
	var out []Activation
	err := torch.With(e.dev, func(s *torch.Scope) error {
		s.NoGrad(func() {
			e.net.forward(s, e.p.Bind(s), s.FromFloats(x, 1, 3, int64(side), int64(side)), func(layer int, h *torch.Tensor) {
				if s.Err() != nil || len(out) == len(perceptualLayers) || layer != perceptualLayers[len(out)] {
					return
				}
				shape, values := h.Shape(), s.Floats(h)
				if s.Err() == nil {
					out = append(out, Activation{C: int(shape[1]), H: int(shape[2]), W: int(shape[3]), Values: values})
				}
			})
		})
		return nil
	})
	return out, err
}

package torchscript

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// A Script is a TorchScript file that paints, and how it is called.
type Script struct {
	Path   string
	SHA256 string
	Inputs []string
	Range  string
	Mask   string
	Output int
}

// inputs are what forward can be given.
var inputs = []string{"image", "mask", "image+mask"}

// Validate checks the parameters.
func (c Script) Validate() error {
	var errs []error
	if c.Path == "" {
		errs = append(errs, errors.New("path is missing: give the TorchScript file"))
	}
	if err := weights.Digits("sha256", c.SHA256); err != nil && c.SHA256 != "" {
		errs = append(errs, fmt.Errorf("%w, or leave it out", err))
	}
	if len(c.Inputs) == 0 || !slices.ContainsFunc(c.Inputs, func(s string) bool { return strings.HasPrefix(s, "image") }) {
		errs = append(errs, fmt.Errorf("inputs %q: list what forward takes, in order, the image among it: %s", c.Inputs,
			strings.Join(inputs, ", ")))
	}
	for _, i := range c.Inputs {
		if !slices.Contains(inputs, i) {
			errs = append(errs, fmt.Errorf("inputs: %q is unknown: want %s", i, strings.Join(inputs, ", ")))
		}
	}
	if c.Range != "signed" && c.Range != "unit" {
		errs = append(errs, fmt.Errorf("range %q: want signed for pixels in [−1, 1], or unit for [0, 1]", c.Range))
	}
	if c.Mask != "hidden" && c.Mask != "visible" {
		errs = append(errs, fmt.Errorf("mask %q: want hidden or visible, for what the mask is 1 at", c.Mask))
	}
	if c.Output < 0 {
		errs = append(errs, fmt.Errorf("output is %d: want the painting's place in forward's tuple, from 0", c.Output))
	}
	return errors.Join(errs...)
}

// Seal is the file's SHA-256; a file with another than the given one is an error.
func (c Script) Seal() (string, error) {
	sum, err := weights.Seal(c.Path, c.SHA256)
	if err != nil {
		err = fmt.Errorf("TorchScript file: %w", err)
	}
	return sum, err
}

// load reads the module, of the very file that the plan names.
func (c Script) load(dev torch.Device) (*torch.Script, error) {
	if c.SHA256 == "" {
		return nil, fmt.Errorf("%s: the plan does not say which file: its sha256 is missing", c.Path)
	}
	if _, err := c.Seal(); err != nil {
		return nil, err
	}
	m, err := torch.LoadScript(c.Path, dev)
	if err != nil {
		return nil, err
	}
	m.Eager()
	return m, nil
}

// ErrUnread says that what a file holds beside its weights cannot be read, so that nothing can be said of it.
var ErrUnread = errors.New("what it holds beside its weights cannot be read")

// An Answerer is a TorchScript file that can only be asked to paint.
type Answerer struct{ *call }

// OpenAnswerer loads a file.
func OpenAnswerer(c Script, dev torch.Device) (*Answerer, error) {
	m, err := c.load(dev)
	if err != nil {
		return nil, err
	}
	return &Answerer{&call{script: c, module: m}}, nil
}

// Check lets the file paint two images twice.
func (a *Answerer) Check(dev torch.Device, shape models.Shape) error {
	err := torch.With(dev, func(s *torch.Scope) error {
		in, _, _ := trial(s, shape)
		return painted(s, a, in)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", a.script.Path, err)
	}
	return nil
}

// Weights are the file's trainable parameters.
func (a *Answerer) Weights() (torch.Layout, []float32, error) { return a.module.Weights() }

// Free releases the module.
func (a *Answerer) Free() { a.module.Free() }

// call paints with a module.
type call struct {
	script Script
	module *torch.Script
}

// Loss is the error of what the module paints, before it is cut to [−1, 1].
func (c *call) Loss(s *torch.Scope, in models.Input, target, region *torch.Tensor) *torch.Tensor {
	return models.RegionError(s, c.paint(s, in), target, region)
}

// Generate paints the images, cut to [−1, 1].
func (c *call) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	return s.Clamp(c.paint(s, in), -1, 1)
}

// paint calls forward and returns the painting, [N, 3, S, S], in the range of Lethe's pixels.
func (c *call) paint(s *torch.Scope, in models.Input) *torch.Tensor {
	n, size := int64(in.N), int64(in.Size)
	image := s.Narrow(in.X, 1, 0, 3)
	if c.script.Range == "unit" {
		image = s.Shift(s.Scale(image, 0.5), 0.5)
	}
	var mask *torch.Tensor
	if s.Err() == nil && in.X.Shape()[1] == 4 {
		mask = s.Narrow(in.X, 1, 3, 1)
	} else {
		mask = s.FromFloats(in.Region, n, 1, size, size)
	}
	if c.script.Mask == "visible" {
		mask = s.Shift(s.Neg(mask), 1)
	}
	given := map[string]func() *torch.Tensor{
		"image": func() *torch.Tensor { return image }, "mask": func() *torch.Tensor { return mask },
		"image+mask": func() *torch.Tensor { return s.Cat(1, image, mask) },
	}
	var args []*torch.Tensor
	for _, i := range c.script.Inputs {
		args = append(args, given[i]())
	}
	outs := c.module.Forward(s, args...)
	if s.Err() != nil {
		return &torch.Tensor{}
	}
	if c.script.Output >= len(outs) {
		s.Fail(fmt.Errorf("forward returns %d tensors, and output %d is to be the painting (they count from 0)", len(outs), c.script.Output))
		return &torch.Tensor{}
	}
	out := outs[c.script.Output]
	if want := []int64{n, 3, size, size}; !slices.Equal(out.Shape(), want) {
		s.Fail(fmt.Errorf("forward(%s) returns a tensor %v where the painting %v belongs; if it returns a tuple, say with "+
			"output: which", strings.Join(c.script.Inputs, ", "), out.Shape(), want))
		return &torch.Tensor{}
	}
	if c.script.Range == "unit" {
		out = s.Shift(s.Scale(out, 2), -1)
	}
	return out
}

// trial is two grey images with their left halves hidden, for a first call.
func trial(s *torch.Scope, shape models.Shape) (in models.Input, target, region *torch.Tensor) {
	size := int64(shape.Size)
	in = models.Input{N: 2, Size: shape.Size, Region: make([]float32, 2*size*size), X: s.Zeros(2, 3, size, size)}
	for i := range in.Region {
		if i%shape.Size < shape.Size/2 {
			in.Region[i] = 1
		}
	}
	region = s.FromFloats(in.Region, 2, 1, size, size)
	if shape.Masked {
		in.X = s.Cat(1, in.X, region)
	}
	return in, s.Zeros(2, 3, size, size), region
}

// painted wants numbers, and the same ones twice.
func painted(s *torch.Scope, m interface {
	Generate(s *torch.Scope, in models.Input) *torch.Tensor
}, in models.Input,
) error {
	first, again := s.Floats(m.Generate(s, in)), s.Floats(m.Generate(s, in))
	for i := range first {
		if s.Err() == nil && first[i] != first[i] {
			return errors.New("forward paints NaN on a grey image")
		}
	}
	if s.Err() == nil && !slices.Equal(first, again) {
		return errors.New("two calls of forward with the same images paint different pictures: take out what is random (noise, " +
			"dropout that does not heed .eval())")
	}
	return s.Err()
}

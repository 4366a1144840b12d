package features

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// InceptionEntry is the source in the list of all.
var InceptionEntry = audit.Entry[Source]{
	Name: "inception",
	Doc: "Inception-v3 of 2015-12-05, NVIDIA's TorchScript inception-2015-12-05.pt (features [n, 2048], 1008 classes): " +
		"what FID and the Inception score mean",
	New: func() Source { return &Inception{} },
}

// Inception is NVIDIA's TorchScript of the Inception-v3 of 2015-12-05 (stylegan2-ada-pytorch, stylegan3), the network of
// FID and the Inception score: forward(img, return_features, use_fp16, no_output_bias) on bytes 0…255 of any size, which
// it resizes to 299×299 as TensorFlow 1 does and scales itself. Features [2048] are of return_features; the classes'
// logits are the logarithms of the probabilities of no_output_bias, as the original Inception score has them.
type Inception struct {
	Path   string `json:"path"`   // the TorchScript file
	SHA256 string `json:"sha256"` // of the file; what is not this file is refused
	name   string
}

// Validate checks the parameters.
func (f *Inception) Validate() error { return weights.Pinned(f.Path, f.SHA256) }

// inceptionResize is what happens inside.
const inceptionResize = "tf1-bilinear-299 inside, range-bytes"

// Open checks the hash and tries the module.
func (f *Inception) Open(dev torch.Device) (Extractor, error) {
	sum, err := digest(f.Path)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(string(sum), f.SHA256) {
		return nil, fmt.Errorf("features: %s has sha256 %s, wanted is %s: it is another file", f.Path, sum, f.SHA256)
	}
	m, err := torch.LoadScript(f.Path, dev)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	name := f.name
	if name == "" {
		name = trimExt(f.Path)
	}
	e := &network{id: Identity{Name: name, SHA256: sum, Resize: inceptionResize, Unverified: find(sum) == nil}, prepare: whole, dev: dev,
		forward: inceptionForward(m), free: m.Free}
	if _, err := e.Embed(context.Background(), make([]float32, 3*32*32), 1, 32); err != nil {
		e.Free()
		return nil, fmt.Errorf("features: %s does not answer as NVIDIA's Inception does: %w", f.Path, err)
	}
	return e, nil
}

// inceptionForward asks twice: for features, and for probabilities.
func inceptionForward(m *torch.Script) func(s *torch.Scope, x *torch.Tensor) (features, logits *torch.Tensor) {
	one := func(s *torch.Scope, x *torch.Tensor, flags ...bool) *torch.Tensor {
		outs := m.ForwardFlags(s, x, flags...)
		if s.Err() == nil && len(outs) != 1 {
			s.Fail(fmt.Errorf("it has %d outputs, want one", len(outs)))
		}
		if s.Err() != nil {
			return nil
		}
		return outs[0]
	}
	return func(s *torch.Scope, x *torch.Tensor) (features, logits *torch.Tensor) {
		f := one(s, x, true, false, false)
		p := one(s, x, false, false, true)
		if s.Err() != nil {
			return nil, nil
		}
		return f, logOf(s, p)
	}
}

// logOf is the logarithm of probabilities; what float32 rounds to 0 becomes the logarithm of its smallest number.
func logOf(s *torch.Scope, p *torch.Tensor) *torch.Tensor {
	v := s.Floats(p)
	for i, x := range v {
		v[i] = float32(math.Log(max(float64(x), math.SmallestNonzeroFloat32)))
		if x != x {
			v[i] = x
		}
	}
	return s.FromFloats(v, p.Shape()...)
}

// openInception is NVIDIA's file's entry in the table.
func openInception(path string, k *Known) Source {
	return &Inception{Path: path, SHA256: string(k.SHA256), name: k.Name}
}

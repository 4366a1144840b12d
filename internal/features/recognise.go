package features

import (
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// ErrUnverified marks a file that is none of the well-known ones.
var ErrUnverified = errors.New("not a well-known features file")

// Recognise finds out what a file is. A file of KnownFiles needs nothing more. Any other is taken, where unverified
// allows it, for what it looks like when it is opened: weights of a ResNet or SqueezeNet, a CLIP archive, a module that
// answers as NVIDIA's Inception does, or else a TorchScript module of any image size on pixels in [0, 1]; the identity
// then says that it is unverified.
func Recognise(path string, unverified bool) (Source, error) {
	sum, err := digest(path)
	if err != nil {
		return nil, err
	}
	if k := find(sum); k != nil {
		if k.open == nil {
			return nil, fmt.Errorf("features: %s is %s of %s, which Lethe does not run: %s", path, k.File, k.Source, k.Output)
		}
		return k.open(path, k), nil
	}
	if !unverified {
		return nil, fmt.Errorf("features: %s (sha256 %s): %w: check where it comes from", path, sum, ErrUnverified)
	}
	return &unknown{path: path, sum: sum}, nil
}

// unknown is a file that must be opened to be recognised.
type unknown struct {
	path string
	sum  audit.Digest
}

// Open tries what the file can be.
func (f *unknown) Open(dev torch.Device) (Extractor, error) {
	if arrays, _, err := weights.Read(f.path, string(f.sum)); err == nil {
		k := &Known{SHA256: f.sum}
		if _, ok := arrays["layer1.8.conv1.weight"]; ok {
			return openResNet56(f.path, k).Open(dev)
		}
		if _, ok := arrays["layer1.2.conv1.weight"]; ok {
			return openResNet20(f.path, k).Open(dev)
		}
		for _, name := range []string{"features.3.squeeze.weight", "3.squeeze.weight"} { // in 1.0 and 1.1
			if _, ok := arrays[name]; ok {
				return (&SqueezeNet{Path: f.path, SHA256: string(f.sum)}).Open(dev)
			}
		}
		return nil, fmt.Errorf("features: %s holds weights, but not those of a network that Lethe has: ResNet-20, ResNet-56, "+
			"SqueezeNet 1.0 or 1.1", f.path)
	}
	m, err := torch.LoadScript(f.path, torch.CPU)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	names, err := m.Parameters()
	m.Free()
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	if _, ok := names[visual+"positional_embedding"]; ok {
		return (&CLIP{Path: f.path, SHA256: string(f.sum)}).Open(dev)
	}
	if e, err := (&Inception{Path: f.path, SHA256: string(f.sum)}).Open(dev); err == nil {
		return e, nil
	}
	return (&TorchScript{Path: f.path, SHA256: string(f.sum), Resize: "none", Range: "unit"}).Open(dev)
}

package features

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// TorchScriptEntry is the source in the list of all.
var TorchScriptEntry = audit.Entry[Source]{
	Name: "torchscript",
	Doc:  "a TorchScript file: features [n, d], or a tuple (features, logits [n, k])",
	New:  func() Source { return &TorchScript{Resize: "none", Range: "unit"} },
}

// TorchScript takes features from a file whose hash is known.
type TorchScript struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"` // of the file; what is not this file is refused
	Size   int    `json:"size"`   // side that images are resized to, or that the module takes; 0 for any
	Resize string `json:"resize"` // none, Pillow's bilinear or bicubic, or another resampler's name (pixels.Resamplers)
	Range  string `json:"range"`  // what the module takes: unit [0, 1], signed [−1, 1], or bytes [0, 255]
}

// Validate checks the parameters.
func (f *TorchScript) Validate() error {
	var errs []error
	if f.Path == "" {
		errs = append(errs, errors.New("path is missing: give the TorchScript file"))
	}
	if err := weights.Digits("sha256", f.SHA256); err != nil {
		errs = append(errs, err)
	}
	if f.Range != "unit" && f.Range != "signed" && f.Range != "bytes" {
		errs = append(errs, fmt.Errorf("range %q: want unit, signed or bytes", f.Range))
	}
	if f.Resize == "none" {
		if f.Size < 0 {
			errs = append(errs, fmt.Errorf("size is %d: want 0 or the side that the module takes", f.Size))
		}
		return errors.Join(errs...)
	}
	if _, err := resampler(f.Resize); err != nil {
		errs = append(errs, fmt.Errorf("resize: %w (or none)", err))
	}
	if f.Size < 1 {
		errs = append(errs, fmt.Errorf("size is %d: resize %s needs the side to resize to", f.Size, f.Resize))
	}
	return errors.Join(errs...)
}

// resampler also takes the short names of Pillow's filters.
func resampler(name string) (pixels.Resampler, error) {
	if _, err := pixels.ParseFilter(name); err == nil {
		name = "pillow-" + name
	}
	return pixels.ParseResampler(name)
}

// ranges are what networks take, with the words of an identity.
var ranges = map[string]struct {
	prepare Preparation
	words   string
}{"unit": {unit, ""}, "signed": {signed, "range-signed"}, "bytes": {whole, "range-bytes"}}

// Open checks the file's hash and tries the module on one grey image.
func (f *TorchScript) Open(dev torch.Device) (Extractor, error) {
	got, err := digest(f.Path)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(string(got), f.SHA256) {
		return nil, fmt.Errorf("features: %s has sha256 %s, the plan wants %s: it is another file", f.Path, got, f.SHA256)
	}
	m, err := torch.LoadScript(f.Path, dev)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	span := ranges[f.Range]
	p := span.prepare
	if p.Size = f.Size; f.Resize != "none" {
		r, err := resampler(f.Resize)
		if err != nil {
			m.Free()
			return nil, err
		}
		p = p.to(r, f.Size)
	}
	e := &network{id: Identity{Name: trimExt(f.Path), SHA256: got, Resize: p.name(span.words), Unverified: find(got) == nil},
		prepare: p, dev: dev,
		forward: scriptForward(m), free: m.Free}
	side := f.Size
	if side == 0 {
		side = 32
	}
	if err := e.try(side); err != nil {
		e.Free()
		return nil, fmt.Errorf("features: %s does not embed a batch of images of side %d: %w", f.Path, side, err)
	}
	return e, nil
}

// scriptForward takes features, or features and logits, from a module.
func scriptForward(m *torch.Script) func(s *torch.Scope, x *torch.Tensor) (features, logits *torch.Tensor) {
	return func(s *torch.Scope, x *torch.Tensor) (features, logits *torch.Tensor) {
		outs := m.Forward(s, x)
		switch {
		case s.Err() != nil:
		case len(outs) > 2:
			s.Fail(fmt.Errorf("it has %d outputs, want features, or features and logits", len(outs)))
		case len(outs) == 2:
			return outs[0], outs[1]
		default:
			return outs[0], nil
		}
		return nil, nil
	}
}

// digest is the sha256 of a file.
func digest(path string) (_ audit.Digest, err error) {
	h, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("features: %w", err)
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(sum, h); err != nil {
		return "", fmt.Errorf("features: read %s: %w", path, err)
	}
	return audit.Digest(fmt.Sprintf("%x", sum.Sum(nil))), nil
}

func trimExt(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	return name
}

package features

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TorchScript takes features from a file whose hash is known.
type TorchScript struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"` // of the file; what is not this file is refused
	Size   int    `json:"size"`   // side that images are resized to, or that the module takes; 0 for any
	Resize string `json:"resize"` // none, or Pillow's bilinear or bicubic
	Range  string `json:"range"`  // what the module takes: unit [0, 1], signed [−1, 1], or bytes [0, 255]
}

// Validate checks the parameters.
func (f *TorchScript) Validate() error {
	var errs []error
	if f.Path == "" {
		errs = append(errs, errors.New("path is missing: give the TorchScript file"))
	}
	if _, err := hex.DecodeString(f.SHA256); err != nil || len(f.SHA256) != 64 {
		errs = append(errs, fmt.Errorf("sha256 %q is not 64 hexadecimal digits: give the file's, as `sha256sum` prints it", f.SHA256))
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
	if _, err := pixels.ParseFilter(f.Resize); err != nil {
		errs = append(errs, fmt.Errorf("resize: %w (or none)", err))
	}
	if f.Size < 1 {
		errs = append(errs, fmt.Errorf("size is %d: resize %s needs the side to resize to", f.Size, f.Resize))
	}
	return errors.Join(errs...)
}

// Open checks the file's hash and tries the module on one grey image.
func (f *TorchScript) Open(dev torch.Device) (Extractor, error) {
	h, err := os.Open(f.Path)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	defer h.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, h); err != nil {
		return nil, fmt.Errorf("features: read %s: %w", f.Path, err)
	}
	got := fmt.Sprintf("%x", sum.Sum(nil))
	if !strings.EqualFold(got, f.SHA256) {
		return nil, fmt.Errorf("features: %s has sha256 %s, the plan wants %s: it is another file", f.Path, got, f.SHA256)
	}
	m, err := torch.LoadScript(f.Path, dev)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	e := &script{TorchScript: *f, m: m, dev: dev, id: Identity{Name: trimExt(f.Path), SHA256: audit.Digest(got), Resize: f.prepared()}}
	side := f.Size
	if side == 0 {
		side = 32
	}
	if _, err := e.Extract(context.Background(), make([]float32, 2*3*side*side), 2, side); err != nil {
		e.Free()
		return nil, fmt.Errorf("features: %s does not embed a batch of two images of side %d: %w", f.Path, side, err)
	}
	return e, nil
}

// prepared names what is done to images besides scaling them to [0, 1].
func (f *TorchScript) prepared() string {
	var steps []string
	if f.Resize != "none" {
		steps = append(steps, fmt.Sprintf("pillow-%s-%d", f.Resize, f.Size))
	}
	if f.Range != "unit" {
		steps = append(steps, "range-"+f.Range)
	}
	return strings.Join(steps, ", ")
}

func trimExt(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	return name
}

type script struct {
	TorchScript
	m   *torch.Script
	dev torch.Device
	id  Identity
}

func (e *script) Identity() Identity { return e.id }

func (e *script) Free() { e.m.Free() }

func (e *script) Extract(ctx context.Context, images []float32, n, size int) (Vectors, error) {
	return inBatches(ctx, images, n, size, func(images []float32, n int) (Vectors, error) { return e.batch(images, n, size) })
}

func (e *script) batch(images []float32, n, size int) (Vectors, error) {
	x, side, err := e.prepare(images, n, size)
	if err != nil {
		return Vectors{}, err
	}
	v := Vectors{N: n}
	err = torch.With(e.dev, func(s *torch.Scope) error {
		s.NoGrad(func() {
			outs := e.m.Forward(s, s.FromFloats(x, int64(n), 3, int64(side), int64(side)))
			if s.Err() != nil {
				return
			}
			if len(outs) > 2 {
				s.Fail(fmt.Errorf("it has %d outputs, want features, or features and logits", len(outs)))
				return
			}
			for i, o := range outs {
				if shape := o.Shape(); len(shape) != 2 || shape[0] != int64(n) || shape[1] < 1 {
					s.Fail(fmt.Errorf("output %d has shape %v, want [%d, d]", i, shape, n))
					return
				}
			}
			v.Dim, v.Features = int(outs[0].Shape()[1]), s.Floats(outs[0])
			if len(outs) > 1 {
				v.Classes, v.Logits = int(outs[1].Shape()[1]), s.Floats(outs[1])
			}
		})
		return nil
	})
	if err != nil {
		return v, err
	}
	for _, x := range append(v.Features, v.Logits...) {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return v, errors.New("the module's output is not finite: does the range fit the module?")
		}
	}
	return v, nil
}

// prepare quantises, resizes and rescales as a file reader would.
func (e *script) prepare(images []float32, n, size int) ([]float32, int, error) {
	side, px := size, 3*size*size
	x := images
	if e.Resize != "none" {
		side = e.Size
		filter, err := pixels.ParseFilter(e.Resize)
		if err != nil {
			return nil, 0, err
		}
		x = make([]float32, n*3*side*side)
		for i := range n {
			img, err := pixels.FromFloat(images[i*px:(i+1)*px], size, size)
			if err != nil {
				return nil, 0, err
			}
			if img, err = pixels.Resize(img, side, side, filter); err != nil {
				return nil, 0, err
			}
			if err := pixels.ToFloat(x[i*3*side*side:(i+1)*3*side*side], img); err != nil {
				return nil, 0, err
			}
		}
	}
	if e.Range == "signed" {
		return x, side, nil
	}
	scale := float32(0.5)
	if e.Range == "bytes" {
		scale = 127.5
	}
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = (v + 1) * scale
	}
	return out, side, nil
}

package metrics

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// lpipsMetric is LPIPS of each painting and the true image. The files are named with their sha256, as results are kept
// by the plan's parameters: another file under the same name must not pass for the first.
type lpipsMetric struct {
	Backbone       string `json:"backbone"`        // SqueezeNet 1.1's weights
	BackboneSHA256 string `json:"backbone_sha256"` // of that file
	Lin            string `json:"lin"`             // LPIPS's linear weights
	LinSHA256      string `json:"lin_sha256"`      // of that file
}

// Validate checks the parameters and the files, so that a wrong one is known before anything is trained.
func (m *lpipsMetric) Validate() error {
	var errs []error
	for _, f := range []struct{ key, path, sum, what string }{
		{"backbone", m.Backbone, m.BackboneSHA256, "SqueezeNet 1.1's weights"},
		{"lin", m.Lin, m.LinSHA256, "LPIPS's linear weights, such as lpips's weights/v0.1/squeeze.pth"},
	} {
		if f.path == "" {
			errs = append(errs, fmt.Errorf("%s is missing: give %s", f.key, f.what))
		} else if err := weights.Digits(f.key+"_sha256", f.sum); err != nil {
			errs = append(errs, err)
		} else if err := checkFile(f.path, f.sum); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.key, err))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	meter, err := OpenLPIPS(m.Backbone, m.Lin, torch.CPU)
	if err != nil {
		return err
	}
	meter.Free()
	return nil
}

// checkFile wants a file with a sha256.
func checkFile(path, want string) (err error) {
	if info, err := os.Stat(path); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)); !strings.EqualFold(got, want) {
		return fmt.Errorf("%s has sha256 %s, the plan wants %s: it is another file", path, got, want)
	}
	return nil
}

func (m *lpipsMetric) Measure(in *Input) ([]audit.Sample, error) {
	painted := map[audit.Part]*outputs.Set{}
	for _, p := range setParts {
		if _, ok := in.Stage.Batch[p]; !ok {
			continue
		}
		set, _, err := in.Painted(in.Subject, p)
		if err != nil {
			return nil, err
		}
		painted[p] = set
	}
	if in.Stage.Size < features.MinPerceptualSide {
		return nil, fmt.Errorf("lpips: images of side %d are too small: at least %d; leave `lpips` out of metrics", in.Stage.Size, features.MinPerceptualSide)
	}
	if err := m.Validate(); err != nil { // the files may have changed since the plan was read
		return nil, fmt.Errorf("lpips: %w", err)
	}
	meter, err := OpenLPIPS(m.Backbone, m.Lin, torch.CPU)
	if err != nil {
		return nil, err
	}
	defer meter.Free()
	var out []audit.Sample
	for _, p := range setParts {
		set, ok := painted[p]
		if !ok {
			continue
		}
		b := in.Stage.Batch[p]
		values, err := meter.Distance(context.Background(), set.Images, b.Target, b.View.N, in.Stage.Size)
		if err != nil {
			return nil, fmt.Errorf("part %s: %w", p, err)
		}
		id := meter.Identity()
		id.N = b.View.N
		out = append(out, perImage(in, id.Name(), FieldImage, p, audit.Lower, id, values))
	}
	return out, nil
}

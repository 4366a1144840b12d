package measure

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
	"github.com/lethe-audit/lethe/metrics/perceptual"
)

var lpipsEntry = audit.Entry[Metric]{
	Name: "lpips",
	Doc:  "learned perceptual distance of each painting to the true image, v0.1 with SqueezeNet 1.1 (lower is better); needs files",
	New:  func() Metric { return &lpips{} },
	Leaves: []audit.Quantity{
		{Name: "lpips", Head: "LPIPS", Unit: "at least 0", Direction: audit.Lower,
			What: "learned perceptual distance to the true image"},
	},
}

// lpips is LPIPS of each painting and the true image. The files are named with their sha256, as results are kept
// by the plan's parameters: another file under the same name must not pass for the first.
type lpips struct {
	Backbone       string `json:"backbone"`        // SqueezeNet 1.1's weights
	BackboneSHA256 string `json:"backbone_sha256"` // of that file
	Lin            string `json:"lin"`             // LPIPS's linear weights
	LinSHA256      string `json:"lin_sha256"`      // of that file
}

// Validate checks the parameters and the files, so that a wrong one is known before anything is trained.
func (m *lpips) Validate() error {
	meter, err := m.open()
	if err != nil {
		return err
	}
	meter.Free()
	return nil
}

// open reads the files, if they are those that the plan names.
func (m *lpips) open() (*perceptual.LPIPSMeter, error) {
	var errs []error
	for _, f := range []struct{ key, path, sum, what string }{
		{"backbone", m.Backbone, m.BackboneSHA256, "SqueezeNet 1.1's weights"},
		{"lin", m.Lin, m.LinSHA256, "LPIPS's linear weights, such as lpips's weights/v0.1/squeeze.pth"},
	} {
		if f.path == "" {
			errs = append(errs, fmt.Errorf("%s is missing: give %s", f.key, f.what))
		} else if err := weights.Digits(f.key+"_sha256", f.sum); err != nil {
			errs = append(errs, err)
		} else if _, err := weights.Seal(f.path, f.sum); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.key, err))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return perceptual.OpenLPIPS(m.Backbone, m.Lin, torch.CPU)
}

func (m *lpips) Measure(in *Input) ([]audit.Sample, error) {
	var meter *perceptual.LPIPSMeter // opened once all parts are known to be painted
	defer func() {
		if meter != nil {
			meter.Free()
		}
	}()
	return eachPart(in, setParts, func(p part) (_ []audit.Sample, err error) {
		if in.Stage.Size < features.MinPerceptualSide {
			return nil, fmt.Errorf("lpips: images of side %d are too small: at least %d; leave `lpips` out of metrics", in.Stage.Size,
				features.MinPerceptualSide)
		}
		if meter == nil {
			if meter, err = m.open(); err != nil { // the files may have changed since the plan was read
				return nil, fmt.Errorf("lpips: %w", err)
			}
		}
		values, err := meter.Distance(context.Background(), p.Images, p.batch.Target, p.n(), in.Stage.Size)
		if err != nil {
			return nil, fmt.Errorf("part %s: %w", p.name, err)
		}
		id := meter.Identity()
		id.N = p.n()
		return []audit.Sample{p.perImage(id.Name(), id, audit.Lower, values)}, nil
	})
}

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/atomicfile"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/metrics/compare"
	"github.com/lethe-audit/lethe/metrics/perceptual"
)

// metricsCmd measures one set of images against another, without any audit.
type metricsCmd struct {
	Real            string   `required:"" placeholder:"PATH" help:"The real images: a folder of JPEG and PNG pictures, features [n, d] in a .npy or .npz file, or a .npz file with mu and sigma."`
	Fake            string   `required:"" placeholder:"PATH" help:"The images to judge, in the same ways."`
	Features        string   `short:"w" placeholder:"FILE" help:"Network that embeds pictures: a file (inception-2015-12-05.pt, a CLIP archive, ResNet-20, SqueezeNet, any TorchScript), or a name of lethe list."`
	AllowUnverified bool     `help:"Accept a features file that is not among the well-known ones; every number then says unverified."`
	Metrics         []string `short:"m" placeholder:"NAME" help:"${measures}. Default: what the sides allow of ${usual}."`
	Paired          bool     `short:"p" help:"Also compare pictures of the same name one by one."`
	Mask            string   `placeholder:"PATH" help:"Compare pairs only where this picture, or the picture of the same name in this folder, is white."`
	LPIPSBackbone   string   `name:"lpips-backbone" placeholder:"FILE" help:"SqueezeNet 1.1's weights, for lpips of pairs."`
	LPIPSLin        string   `name:"lpips-lin" placeholder:"FILE" help:"LPIPS's linear weights v0.1 (squeeze.pth), for lpips of pairs."`
	Decoder         string   `default:"auto" help:"JPEG decoder: auto, turbo (libjpeg-turbo, as Pillow) or go."`
	Seed            uint64   `default:"${metricsSeed}" help:"Of KID's subsets and the Inception score's order."`
	Subsets         int      `default:"100" help:"KID's subsets."`
	SubsetSize      int      `placeholder:"N" help:"Images in each; default 1000, or all where there are fewer."`
	Splits          int      `default:"10" help:"Of the Inception score."`
	Neighbours      int      `short:"k" default:"5" help:"k of precision, recall, density and coverage."`
	SaveStats       string   `placeholder:"FILE" help:"Write the real side's mean and covariance to this .npz file, as pytorch-fid --save-stats does."`
	JSON            string   `name:"json" placeholder:"FILE" help:"Also write the result as JSON; - for standard output instead of the table."`
	Device          string   `default:"cpu" help:"cpu, cuda, cuda:N or auto."`
	Jobs            int      `short:"j" default:"0" help:"Threads; the numbers do not depend on it. Default: all cores."`
	Quiet           bool     `short:"q" help:"No progress."`
}

// Run measures, prints the table and writes the JSON.
func (c *metricsCmd) Run(ctx context.Context, s streams) error {
	o := compare.Defaults()
	o.Real, o.Fake, o.Metrics, o.Paired, o.Mask = c.Real, c.Fake, c.Metrics, c.Paired, c.Mask
	o.Seed, o.Subsets, o.SubsetSize, o.Splits, o.Neighbours = c.Seed, c.Subsets, c.SubsetSize, c.Splits, c.Neighbours
	o.SaveReal = c.SaveStats
	if o.Jobs = c.Jobs; o.Jobs == 0 {
		o.Jobs = runtime.NumCPU()
	}
	var err error
	if o.Decoder, err = pixels.ParseDecoder(c.Decoder); err != nil {
		return usage(err)
	}
	dev, err := torch.ParseDevice(c.Device)
	if err != nil {
		return usage(err)
	}
	if c.Features != "" {
		e, err := openFeatures(s.cat.Features, c.Features, c.AllowUnverified, dev)
		if err != nil {
			return usage(err)
		}
		defer e.Free()
		o.Extractor = e
	}
	if c.LPIPSBackbone != "" || c.LPIPSLin != "" {
		if o.LPIPS, err = perceptual.OpenLPIPS(c.LPIPSBackbone, c.LPIPSLin, dev); err != nil {
			return usage(err)
		}
		defer o.LPIPS.Free()
	}
	debug.SetGCPercent(20) // a few large matrices: twice of them is a lot, and they cost no time to mark
	p := newSideProgress(s.err, c.Quiet)
	o.Progress = p.report
	r, err := compare.Run(ctx, o)
	p.close()
	if err != nil {
		return exit{exitBroke, err}
	}
	if c.JSON == "-" {
		return r.WriteJSON(s.out)
	}
	if c.JSON != "" {
		var b bytes.Buffer
		if err := r.WriteJSON(&b); err != nil {
			return err
		}
		if err := atomicfile.WriteBytes(c.JSON, b.Bytes()); err != nil {
			return err
		}
	}
	return r.WriteTable(s.out)
}

// openFeatures finds features by the name of a source or by their file.
func openFeatures(set audit.Set[features.Source], name string, unverified bool, dev torch.Device) (features.Extractor, error) {
	if _, err := os.Stat(name); err == nil {
		src, err := features.Recognise(name, unverified)
		if err != nil {
			if errors.Is(err, features.ErrUnverified) {
				err = fmt.Errorf("%w; --allow-unverified accepts it", err)
			}
			return nil, err
		}
		return src.Open(dev)
	}
	for _, e := range set {
		if e.Name == name {
			src := e.New()
			if v, ok := src.(interface{ Validate() error }); ok {
				if err := v.Validate(); err != nil {
					return nil, fmt.Errorf("features %s need a file: give its path to --features (%w)", name, err)
				}
			}
			return src.Open(dev)
		}
	}
	return nil, fmt.Errorf("features %q are neither a file nor a name of `lethe list`", name)
}

// tableCmd puts results of lethe metrics beside each other.
type tableCmd struct {
	Results []string `arg:"" help:"JSON files of lethe metrics --json."`
}

// Run refuses results that were made in different ways.
func (c *tableCmd) Run(s streams) error {
	var rs []*compare.Result
	for _, path := range c.Results {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r, err := compare.ReadJSON(bytes.NewReader(b))
		if err != nil {
			return usage(fmt.Errorf("%s: %w", path, err))
		}
		rs = append(rs, r)
	}
	if err := compare.WriteComparison(s.out, c.Results, rs); err != nil {
		return exit{exitFails, err}
	}
	return nil
}

// metricsVars are help texts that depend on lists.
func metricsVars() map[string]string {
	return map[string]string{
		"measures": strings.Join(compare.Names(), ", "), "usual": strings.Join(compare.Usual(), ", "),
		"metricsSeed": fmt.Sprint(compare.Defaults().Seed),
	}
}

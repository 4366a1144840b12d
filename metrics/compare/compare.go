// Package compare measures one set of images against another, without any audit: what pytorch-fid and torch-fidelity
// are used for. A side is a folder of pictures, a file of features, or a file of their mean and covariance.
package compare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/perceptual"
)

// Options say what is compared, and how.
type Options struct {
	Real, Fake string                 // folder, .npy or .npz; see Run
	Extractor  features.Extractor     // of the pictures; nil where no side is a folder
	Metrics    []string               // names from All; none for those that both sides allow
	Paired     bool                   // compare pictures of the same name one by one, too
	Mask       string                 // a picture, or a folder of pictures: white is where paired pictures are compared
	LPIPS      *perceptual.LPIPSMeter // for lpips of pairs; may be nil
	Decoder    pixels.Decoder
	Seed       uint64 // of subsets, splits' order and resamples
	Neighbours int    // k of precision, recall, density and coverage
	Subsets    int    // of KID
	SubsetSize int    // of KID; 0 for 1000, or the smaller set where that is smaller
	Splits     int    // of the Inception score
	SaveReal   string // write the real side's mean and covariance here
	Jobs       int    // pictures and matrices at a time; the result does not depend on it
	Progress   func(side string, done, total int)
}

// Defaults are the field's: 100 subsets (torch-fidelity), 10 splits, 5 neighbours (prdc).
func Defaults() Options {
	return Options{Subsets: 100, Splits: 10, Neighbours: 5, Seed: 2020, Jobs: 2}
}

// Run measures the fake side against the real one.
//
// A folder's pictures (JPEG and PNG, also in folders below it) are taken in the order of their names. A .npy file
// holds features [n, d]; a .npz file features under one name, or `mu` and `sigma` as pytorch-fid writes them, which
// allow the Fréchet distance alone. Both sides must have as many coordinates.
//
// The same files give the same bits, whatever the number of jobs and the order in which the system lists them.
func Run(ctx context.Context, o Options) (*Result, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	in := &input{Options: o}
	var err error
	if in.real, err = open("real", o.Real); err != nil {
		return nil, err
	}
	if in.fake, err = open("fake", o.Fake); err != nil {
		return nil, err
	}
	chosen, err := in.choose()
	if err != nil {
		return nil, err
	}
	if err := in.load(ctx, chosen); err != nil {
		return nil, err
	}
	r := &Result{Schema: Schema, Real: in.real.Summary, Fake: in.fake.Summary}
	for _, m := range chosen {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		in.report(m.Name, 0, 1)
		rows, err := m.measure(ctx, in)
		switch {
		case err == nil:
		case len(o.Metrics) > 0 || ctx.Err() != nil || m.needs == ofMoments || m.needs == ofPairs:
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		case !errors.Is(err, errNoClasses): // nobody asked for this one: most often there are too few images for it
			in.left = append(in.left, fmt.Sprintf("%s was left out: %v", m.Name, err))
		}
		in.report(m.Name, 1, 1)
		r.Rows = append(r.Rows, rows...)
	}
	if len(r.Rows) == 0 {
		return nil, fmt.Errorf("nothing could be measured: %s", strings.Join(in.left, "; "))
	}
	r.Notes = append(in.notes(), in.left...)
	for _, row := range r.Rows {
		if err := row.Identity.Validate(); err != nil {
			return nil, err
		}
	}
	if o.SaveReal != "" {
		if err := saveStatistics(o.SaveReal, in.real); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (o *Options) check() error {
	var errs []error
	for _, c := range []struct {
		name string
		v    int
	}{{"neighbours", o.Neighbours}, {"subsets", o.Subsets}, {"splits", o.Splits}, {"jobs", o.Jobs}} {
		if c.v < 1 {
			errs = append(errs, fmt.Errorf("%s is %d: want at least 1", c.name, c.v))
		}
	}
	if o.SubsetSize < 0 || o.SubsetSize == 1 {
		errs = append(errs, fmt.Errorf("subset size is %d: want at least 2, or 0 for the usual", o.SubsetSize))
	}
	for _, name := range o.Metrics {
		if find(name) == nil {
			errs = append(errs, fmt.Errorf("unknown metric %q: choose from %s", name, strings.Join(Names(), ", ")))
		}
	}
	if o.Mask != "" && !o.Paired {
		errs = append(errs, errors.New("a mask selects the pixels of paired pictures: compare in pairs, or leave it out"))
	}
	return errors.Join(errs...)
}

// input is what a measure is given: both sides, loaded.
type input struct {
	Options
	real, fake *side
	pairs      *pairs
	exact      int      // identical pairs, of which there is no PSNR
	left       []string // measures that could not be taken, and why
}

func (in *input) report(what string, done, total int) {
	if in.Progress != nil {
		in.Progress(what, done, total)
	}
}

// identity begins the identity of a number made of features.
func (in *input) identity(name string) metrics.Identity {
	id := metrics.Identity{Metric: name, DType: "float64", N: in.fake.N, ReferenceN: in.real.N, Reference: in.real.Digest,
		Field: metrics.FieldImage}
	in.pictures(&id)
	if e := in.Extractor; e != nil {
		f := e.Identity()
		id.Features, id.Weights, id.Resize, id.Unverified = f.Name, string(f.SHA256), f.Resize, f.Unverified
	}
	return id
}

// pictures notes what was decoded, by what, and how large it was.
func (in *input) pictures(id *metrics.Identity) {
	id.Sizes = in.real.Sizes
	if in.fake.Sizes != id.Sizes {
		id.Sizes = strings.TrimPrefix(in.real.Sizes+" vs "+in.fake.Sizes, " vs ")
	}
	if slices.Contains(in.real.formats, "JPEG") || slices.Contains(in.fake.formats, "JPEG") {
		id.Decoder = in.Decoder.String()
	}
}

package compare

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/metrics"
)

// measure is a metric that two sides can be compared with.
type measure struct {
	Name, Doc string
	needs     need
	measure   func(ctx context.Context, in *input) ([]Row, error)
}

// need is what a measure looks at.
type need int

const (
	ofMoments  need = iota // mean and covariance
	ofFeatures             // embeddings of both sides
	ofClasses              // class logits of the fake side
	ofPairs                // pictures of the same name
	ofBoth                 // embeddings of pictures of the same name
)

// All lists the measures in the order of the table.
func All() []measure {
	return []measure{
		fdEntry, fdInfinityEntry, kidEntry, isEntry, prdcEntry, cmmdEntry,
		mseEntry, psnrEntry, ssimEntry, msSSIMEntry, lpipsEntry, similarityEntry,
	}
}

// Names lists the measures.
func Names() []string {
	var out []string
	for _, m := range All() {
		out = append(out, m.Name)
	}
	return out
}

func find(name string) *measure {
	all := All()
	if i := slices.IndexFunc(all, func(m measure) bool { return m.Name == name }); i >= 0 {
		return &all[i]
	}
	return nil
}

// usual are measured where none is asked for: what the sides allow and the field reports.
var usual = []string{"fd", "kid", "is", "prdc", "mse", "psnr", "ssim", "similarity"}

// choose finds the measures to run, and refuses those that the sides do not allow.
func (in *input) choose() ([]measure, error) {
	pictures := in.real.Kind == Pictures || in.fake.Kind == Pictures
	if in.Paired {
		var err error
		if in.pairs, err = in.match(); err != nil {
			return nil, err
		}
	}
	names, given := in.Metrics, len(in.Metrics) > 0
	if !given {
		names = usual
	}
	var out []measure
	for _, m := range All() {
		if !slices.Contains(names, m.Name) {
			continue
		}
		switch err := in.allows(m.needs); {
		case err == nil:
			out = append(out, m)
		case given:
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	if pictures && in.Extractor == nil && in.wants(out, ofMoments, ofFeatures, ofClasses, ofBoth) {
		return nil, errors.New("pictures need features: name the network with --features, or choose pixel metrics of pairs")
	}
	if len(out) == 0 {
		return nil, errors.New("no metric can be measured on these two sides")
	}
	return out, nil
}

func (in *input) allows(n need) error {
	for _, s := range []*side{in.real, in.fake} {
		if s.Kind == Statistics && n != ofMoments && (n != ofClasses || s == in.fake) {
			return fmt.Errorf("the %s side is a mean and a covariance, which allow only the Fréchet distance: give pictures or features", s.name)
		}
	}
	switch {
	case n == ofClasses && in.fake.Kind != Pictures:
		return errors.New("it needs class logits: give the fake side as pictures, and features with classes")
	case (n == ofPairs || n == ofBoth) && !in.Paired:
		return errors.New("it compares pictures one by one: ask for pairs")
	}
	return nil
}

func (in *input) wants(ms []measure, needs ...need) bool {
	return slices.ContainsFunc(ms, func(m measure) bool { return slices.Contains(needs, m.needs) })
}

// load reads and embeds what the chosen measures need.
func (in *input) load(ctx context.Context, chosen []measure) error {
	keep := in.wants(chosen, ofFeatures, ofClasses, ofBoth)
	embedded := in.SaveReal != "" || in.wants(chosen, ofMoments, ofFeatures, ofClasses, ofBoth)
	for _, s := range []*side{in.real, in.fake} {
		if s.Kind != Pictures {
			continue
		}
		if !embedded {
			if err := in.survey(ctx, s); err != nil {
				return err
			}
			continue
		}
		if err := in.embed(ctx, s, keep); err != nil {
			return err
		}
		if err := s.moments.Compact(); err != nil {
			return err
		}
		torch.Release() // what the network needed; the matrices come after it
	}
	if a, b := in.real.dim(), in.fake.dim(); embedded && a != b {
		return fmt.Errorf("the real side has %d coordinates, the fake side %d: both must come from the same features", a, b)
	}
	return nil
}

// row makes the row of a number of the whole fake side.
func (in *input) row(id metrics.Identity, v float64, d audit.Direction) Row {
	return Row{Name: id.Name(), Value: v, Direction: d, Identity: id}
}

// Usual lists the measures that are taken where none is named.
func Usual() []string { return slices.Clone(usual) }

package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/metrics/measure"
)

// measure takes a cell's samples by the metrics, or reads them if they are stored.
func (r *run) measure(ctx context.Context, c *cell) error {
	if c.made.Error != "" {
		return nil
	}
	dir, err := r.store.cell(c.name+"-samples", c.measured)
	if err != nil {
		return err
	}
	old, ok, err := load[[]audit.Sample](dir, c.measured)
	if err != nil {
		return err
	}
	if ok {
		c.samples = old
		return nil
	}
	in, err := r.input(ctx, c)
	if err != nil {
		return err
	}
	var out []audit.Sample
	for i, m := range r.metrics {
		s, err := m.Measure(in)
		if err == nil {
			e, _ := r.Catalogue.Metrics.Find(r.Plan.Metrics[i].Kind)
			err = proper(e.Leaves, s)
		}
		if err != nil {
			return fmt.Errorf("metric %s: %w", r.Plan.Metrics[i].Kind, err)
		}
		out = append(out, s...)
	}
	c.samples = out
	return finish(dir, c.measured, out)
}

// input is what metrics and attacks see of a cell.
func (r *run) input(ctx context.Context, c *cell) (*measure.Input, error) {
	if err := r.staged(ctx); err != nil {
		return nil, err
	}
	in := &measure.Input{Stage: r.stage, Truth: r.truth, Features: r.extractor.Identity(), Seed: audit.Seed(r.Plan.Seed, "measure")}
	var err error
	if in.Subject, err = r.paintings(ctx, c); err != nil {
		return nil, err
	}
	if in.Original, err = r.paintings(ctx, r.cells[0]); err != nil {
		return nil, err
	}
	for _, o := range r.oracles() {
		if o == c {
			continue
		}
		p, err := r.paintings(ctx, o)
		if err != nil {
			return nil, err
		}
		in.Oracles = append(in.Oracles, p)
	}
	return in, nil
}

// staged reads the measured images and embeds the true ones, once.
func (r *run) staged(ctx context.Context) error {
	r.ready.Lock()
	defer r.ready.Unlock()
	if r.stage != nil {
		return nil
	}
	st, err := outputs.NewStage(ctx, r.corpus)
	if err != nil {
		return err
	}
	if r.truth, err = outputs.Truths(ctx, st, r.extractor); err != nil {
		return err
	}
	r.stage = st
	return nil
}

// paintings lets a cell's model paint the stage, once.
func (r *run) paintings(ctx context.Context, c *cell) (outputs.Model, error) {
	m, err := r.model(c)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.painted != nil {
		return c.painted, nil
	}
	p, err := outputs.Collect(ctx, r.corpus, r.stage, m, r.extractor, measure.LooksInside(r.metrics))
	if err != nil {
		return nil, err
	}
	c.painted = p
	return p, nil
}

// subjects puts cells into the report's form.
func (r *run) subjects(cells []*cell) []*audit.Subject {
	var out []*audit.Subject
	for _, c := range cells {
		samples, skipped := c.all()
		out = append(out, &audit.Subject{
			Name: c.name, Kind: c.kind, Role: c.role, ShadowOf: c.shadowOf, Seed: c.seed, Digest: c.made.Digest, Cell: c.key,
			Cost: r.cost(c), Samples: samples, Curves: c.made.Curves, Notes: c.made.Notes, Skipped: skipped,
			Guarantee: c.claimed(r.Plan.Secret != nil), Error: c.made.Error, Unfit: c.made.Unfit,
		})
	}
	return out
}

// statistics sums up what the attacks found on a subject, and takes their curves.
func (r *run) statistics(s *audit.Subject, all, shadows []*audit.Subject) error {
	among := attacks.Models{Original: all[0], Shadows: shadows}
	for _, o := range all {
		if o.Role == audit.RoleOracle && o != s {
			among.Oracles = append(among.Oracles, o)
		}
	}
	for i, a := range r.attacks {
		st, err := a.Statistics(s, among)
		if err != nil {
			return fmt.Errorf("attack %s on %s: %w", r.Plan.Attacks[i].Kind, s.Name, err)
		}
		e, _ := r.Catalogue.Attacks.Find(r.Plan.Attacks[i].Kind)
		for _, x := range st {
			if err := declared(e.Leaves, x.Name); err != nil {
				return fmt.Errorf("attack %s: %w", r.Plan.Attacks[i].Kind, err)
			}
		}
		s.Statistics = append(s.Statistics, st...)
		if c, ok := a.(attacks.Curver); ok {
			curves, err := c.Curves(s, among)
			if err != nil {
				return fmt.Errorf("curves of the attack %s on %s: %w", r.Plan.Attacks[i].Kind, s.Name, err)
			}
			s.Curves = slices.Concat(s.Curves, curves)
		}
		if n, ok := a.(attacks.Noter); ok {
			s.Notes = slices.Concat(s.Notes, n.Notes(s, among))
		}
	}
	return nil
}

// proper checks that samples may enter a report: their values are finite, and the item's entry declares the quantities.
func proper(leaves []audit.Quantity, samples []audit.Sample) error {
	for _, s := range samples {
		if err := s.Check(); err != nil {
			return err
		}
		if err := declared(leaves, s.Name()); err != nil {
			return err
		}
	}
	return nil
}

func declared(leaves []audit.Quantity, name string) error {
	if _, at, _ := audit.Describe(leaves, name); at == len(leaves) {
		return fmt.Errorf("it left the quantity %q, which its entry's Leaves does not declare", name)
	}
	return nil
}

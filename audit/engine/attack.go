package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

// attacked is what one attack left of one cell.
type attacked struct {
	Samples []audit.Sample `json:"samples"`
	Skipped *audit.Skipped `json:"skipped,omitempty"` // why there are none
}

// attackJob is the work of one attack on one cell.
func (r *run) attackJob(c *cell, i int, oracles []string) job {
	return job{name: c.name + " " + r.Plan.Attacks[i].Name(), cell: c, after: append([]string{r.cells[0].name, c.name}, oracles...),
		run: func(ctx context.Context) error { return r.attack(ctx, c, i) }}
}

// attack runs one attack on a cell's model, unless its result is stored. Each attack's result is stored by itself, so
// that adding an attack to the plan repeats no other.
func (r *run) attack(ctx context.Context, c *cell, i int) error {
	if c.made.Error != "" {
		return nil
	}
	name := r.Plan.Attacks[i].Name()
	dir, err := r.store.cell(c.name+"-"+name, c.attacked[i])
	if err != nil {
		return err
	}
	old, ok, err := load[attacked](dir, c.attacked[i])
	if err != nil {
		return err
	}
	if ok {
		c.attacks[i] = old
		return nil
	}
	t, err := r.target(ctx, c)
	if err != nil {
		return err
	}
	var out attacked
	out.Samples, err = r.attacks[i].Measure(ctx, t)
	switch {
	case errors.Is(err, attacks.ErrBlackBox), errors.Is(err, training.ErrDiverged):
		out = attacked{Skipped: &audit.Skipped{Attack: r.Plan.Attacks[i].Kind, Reason: err.Error()}}
	case errors.Is(err, attacks.ErrCovered), errors.Is(err, attacks.ErrUnfit):
		out = attacked{Skipped: &audit.Skipped{Attack: r.Plan.Attacks[i].Kind, Moot: true, Reason: err.Error()}}
	case err != nil:
		return fmt.Errorf("attack %s: %w", name, err)
	}
	e, _ := r.Catalogue.Attacks.Find(r.Plan.Attacks[i].Kind)
	if err := proper(e.Leaves, out.Samples); err != nil {
		return fmt.Errorf("attack %s: %w", name, err)
	}
	c.attacks[i] = out
	return finish(dir, c.attacked[i], out)
}

// target is what attacks see of a cell. A wrapper's model answers otherwise than the weights that it wraps, so it can be
// copied only by its own Copy, if it has one; unless the wrapper left the model as it was.
func (r *run) target(ctx context.Context, c *cell) (*attacks.Target, error) {
	in, err := r.input(ctx, c)
	if err != nil {
		return nil, err
	}
	m, err := r.model(c)
	if err != nil {
		return nil, err
	}
	first, err := r.model(r.cells[0])
	if err != nil {
		return nil, err
	}
	t := &attacks.Target{Input: in, Model: m, Corpus: r.corpus, Train: r.Plan.Train, First: first}
	own, copies := m.(models.Copier)
	switch _, wraps := c.method.(methods.Wrapper); {
	case !wraps, itself(m, c.made.model):
		t.Copy = func() (models.Model, error) { return r.clone(m) }
	case copies:
		t.Copy = own.Copy
	}
	return t, nil
}

// itself reports whether two values are one model.
func itself(a, b models.Model) bool { return reflect.ValueOf(a).Comparable() && a == b }

// clone makes a model of its own with the same weights.
func (r *run) clone(m models.Model) (models.Model, error) {
	out, err := r.family.New(r.dev, r.corpus.Shape(), 0)
	if err != nil {
		return nil, err
	}
	if err := out.Params().Copy(m.Params()); err != nil {
		out.Params().Free()
		return nil, err
	}
	return out, nil
}

// all returns a cell's samples, those of metrics first, and the attacks that could not be run.
func (c *cell) all() (samples []audit.Sample, skipped []audit.Skipped) {
	samples = append(samples, c.samples...)
	for _, a := range c.attacks {
		samples = append(samples, a.Samples...)
		if a.Skipped != nil {
			skipped = append(skipped, *a.Skipped)
		}
	}
	return samples, skipped
}

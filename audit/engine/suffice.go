package engine

import (
	"context"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/power"
)

// suffice adds retrained models until an honest one would PASS with the plan's probability, where the plan says so. It
// measures the original, the retrained models and the criteria's controls alone: no method is made before the number
// stands, so that no subject has a say in it, and the verdicts keep their error rates.
func (r *run) suffice(ctx context.Context, workers int) error {
	y := r.Plan.Yardstick
	if y == nil || y.Until == 0 {
		return nil
	}
	family, err := criteria.Of(r.Plan, r.Catalogue.Criteria)
	if err != nil {
		return err
	}
	_, most := r.Plan.Retrained()
	for {
		cells := r.pilot(family)
		if err := schedule(ctx, r.only(cells), workers, r.threads); err != nil {
			return err
		}
		p, err := power.Of(family, r.subjects(cells), r.level())
		if err != nil {
			return err
		}
		next, enough := p.Next(y.Until, most)
		if enough || next <= p.Oracles {
			r.expected = p.Predict(p.Oracles, 1).Overall
			return nil
		}
		r.freeModels()
		r.cells, r.shadows, r.retrained = nil, nil, next
		if err := r.layOut(); err != nil {
			return err
		}
	}
}

// pilot lists the original, the oracles, and the models on which criteria show their power.
func (r *run) pilot(family []criteria.Named) []*cell {
	controls := map[string]bool{}
	for _, c := range family {
		controls[c.Control()] = true
	}
	var out []*cell
	for _, c := range r.cells {
		control := c.role == audit.RoleControl && controls[c.kind]
		if c.role == audit.RoleOriginal || c.role == audit.RoleOracle || control {
			out = append(out, c)
		}
		if control {
			controls[c.kind] = false
		}
	}
	return out
}

// only lists the jobs of some cells.
func (r *run) only(cells []*cell) []job {
	return slices.DeleteFunc(r.jobs(), func(j job) bool { return !slices.Contains(cells, j.cell) })
}

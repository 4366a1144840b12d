package engine

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/methods"
)

// layOut lists the cells with their keys: original, oracles, then the plan's
// methods.
func (r *run) layOut() error {
	p := r.Plan
	add := func(c *cell) error {
		m, err := r.Catalogue.Unlearners(c.item.Kind).Configure(c.item)
		if err != nil {
			return err
		}
		c.method = m
		if k, ok := m.(methods.Checker); ok {
			if err := k.Check(r.corpus.Shape()); err != nil {
				return fmt.Errorf("method %s: %w", c.name, err)
			}
		}
		if own, ok := m.(methods.Precise); ok {
			if precision, named := own.Trains(); named {
				if err := models.Trains(r.family, precision); err != nil {
					return fmt.Errorf("method %s: %w", c.name, err)
				}
			}
		}
		if len(r.cells) > 0 {
			c.base = r.cells[0]
		}
		r.cells = append(r.cells, c)
		return nil
	}
	none := []byte("{}")
	if err := add(&cell{name: "original", kind: "original", role: audit.RoleOriginal,
		item: audit.Item{Kind: "original", Params: none}, seed: audit.Seed(p.Seed, "original")}); err != nil {
		return err
	}
	for k := 1; k <= r.oracleCount(); k++ {
		name := fmt.Sprintf("oracle-%d", k)
		recipe, err := p.Recipe(k)
		if err != nil {
			return err
		}
		if err := add(&cell{name: name, kind: "retrain", role: audit.RoleOracle, item: audit.Item{Kind: "retrain", Params: recipe},
			seed: audit.Seed(p.Seed, "oracle", name)}); err != nil {
			return err
		}
	}
	for _, it := range p.Methods {
		c := &cell{name: it.Name(), kind: it.Kind, role: audit.RoleMethod, item: it, seed: audit.Seed(p.Seed, "method", it.Name())}
		if e, _ := r.Catalogue.Unlearners(it.Kind).Find(it.Kind); e.Role != "" {
			c.role = e.Role
		}
		if err := add(c); err != nil {
			return err
		}
	}
	r.shadow()
	if err := r.keys(); err != nil {
		return err
	}
	return r.locked()
}

// oracleCount is how many models are retrained.
func (r *run) oracleCount() int { return max(r.retrained, r.Plan.Oracles) }

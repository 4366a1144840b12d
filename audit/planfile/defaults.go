package planfile

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
)

// complete fills in what a plan need not list: the metrics, attacks and control models that its criteria read, and the
// further attacks of its profile. It removes criteria and attacks that have nothing to act on, such as a backdoor's in a
// plan without poison.
func (d *decoder) complete(p *audit.Plan, others []string) {
	add := func(list *[]audit.Item, kind string, v any) {
		for _, it := range *list {
			if it.Kind == kind {
				return
			}
		}
		b, err := json.Marshal(v)
		if err != nil {
			d.fail(nil, "%s: %v", kind, err)
		}
		*list = append(*list, audit.Item{Kind: kind, Params: b})
	}
	has := audit.Traits{Poison: p.Forget.Poisoned > 0, Sampling: true} // whether the family samples is for the audit to say
	attack := func(names []string) {
		for _, a := range names {
			if e, ok := d.cat.Attacks.Find(a); ok && !e.Needs.MetBy(has) {
				continue
			}
			v, err := d.cat.Attacks.New(a)
			if err != nil {
				d.fail(nil, "attacks: %v", err)
				continue
			}
			add(&p.Attacks, a, v)
		}
	}
	for i, it := range p.Attacks {
		attack(d.reads(it.Kind))
		p.Attacks[i].Own = d.changed(it)
	}
	var kept []audit.Item
	for _, it := range p.Criteria {
		c, err := d.cat.Criteria.New(it.Kind)
		if err != nil {
			d.fail(nil, "criteria: %v", err)
			continue
		}
		if e, _ := d.cat.Criteria.Find(it.Kind); !e.Needs.MetBy(has) {
			continue
		}
		kept = append(kept, it)
		ms, as := c.Needs()
		for _, m := range ms {
			v, err := d.cat.Metrics.New(m)
			if err != nil {
				d.fail(nil, "criterion %s: metrics: %v", it.Kind, err)
				continue
			}
			add(&p.Metrics, m, v)
		}
		attack(as)
		if control := c.Control(); control != string(audit.RoleOriginal) {
			m, err := d.cat.Methods.New(control)
			if err != nil {
				d.fail(nil, "criterion %s: %v", it.Kind, err)
				continue
			}
			add(&p.Methods, control, m)
		}
	}
	p.Criteria = kept
	for _, a := range others {
		attack(append(d.reads(a), a))
	}
	p.Attacks = slices.DeleteFunc(p.Attacks, func(it audit.Item) bool {
		e, _ := d.cat.Attacks.Find(it.Kind)
		return !e.Needs.MetBy(has)
	})
}

// changed tells whether an attack is run otherwise than by default.
func (d *decoder) changed(it audit.Item) bool {
	v, err := d.cat.Attacks.New(it.Kind)
	if err != nil {
		return false // reported where the kind was read
	}
	b, err := json.Marshal(v)
	return err == nil && !bytes.Equal(b, it.Params)
}

// reads names the attacks whose samples an attack sums up.
func (d *decoder) reads(kind string) []string {
	a, err := d.cat.Attacks.New(kind)
	if err != nil {
		return nil // reported where the kind was read
	}
	if r, ok := a.(attacks.Reader); ok {
		return r.Reads()
	}
	return nil
}

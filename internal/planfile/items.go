package planfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// item decodes a mapping with a `kind` into that kind's typed parameters.
func item[T any](d *decoder, n, at *yaml.Node, what string, set audit.Set[T]) audit.Item {
	if n.Kind == 0 {
		d.fail(at, "%s is missing: want {kind: …}, one of %v", what, set.Names())
		return audit.Item{}
	}
	it := audit.Item{}
	params := n
	if n.Kind == yaml.ScalarNode { // `mse` is short for {kind: mse}
		it.Kind = n.Value
		params = &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column}
	} else {
		for _, kv := range d.pairs(n, what) {
			switch kv[0].Value {
			case "kind":
				it.Kind = kv[1].Value
			case "as":
				it.As = kv[1].Value
			}
		}
	}
	v, err := set.New(it.Kind)
	if err != nil {
		d.fail(n, "%s: kind: %v", what, err)
		return it
	}
	before := len(d.problems)
	d.into(params, v, what+" "+it.Kind, "kind", "as")
	if len(d.problems) == before {
		d.validate(n, what+" "+it.Kind, v)
	}
	it.Params, err = json.Marshal(v)
	if err != nil {
		d.fail(n, "%s: %v", what, err)
	}
	return it
}

func (d *decoder) validate(n *yaml.Node, what string, v any) {
	c, ok := v.(audit.Validator)
	if !ok {
		return
	}
	if err := c.Validate(); err != nil {
		var many interface{ Unwrap() []error }
		if errors.As(err, &many) {
			for _, e := range many.Unwrap() {
				d.fail(n, "%s: %v", what, e)
			}
			return
		}
		d.fail(n, "%s: %v", what, err)
	}
}

// items decodes a list; names must differ.
func items[T any](d *decoder, n, at *yaml.Node, what string, set audit.Set[T]) []audit.Item {
	if n.Kind == 0 {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d.fail(n, "%s must be a list", what)
		return nil
	}
	var out []audit.Item
	seen := map[string]bool{}
	for _, c := range n.Content {
		it := item(d, c, at, what, set)
		if seen[it.Name()] {
			d.fail(c, "%s: %q stands twice: give one of them another name with `as:`", what, it.Name())
		}
		seen[it.Name()] = true
		out = append(out, it)
	}
	return out
}

// byName decodes a mapping from names to parameters, in the list's order; a
// missing mapping takes all with their defaults.
func byName[T any](d *decoder, n *yaml.Node, what string, set audit.Set[T]) []audit.Item {
	given := map[string]*yaml.Node{}
	if n.Kind != 0 {
		for _, kv := range d.pairs(n, what) {
			if !slices.Contains(set.Names(), kv[0].Value) {
				d.fail(kv[0], "%s: unknown name %q%s", what, kv[0].Value, suggest(kv[0].Value, set.Names()))
			}
			given[kv[0].Value] = kv[1]
		}
	}
	var out []audit.Item
	for _, e := range set {
		params, ok := given[e.Name]
		if !ok && n.Kind != 0 {
			continue
		}
		v := e.New()
		if ok && params.Kind == yaml.MappingNode {
			d.into(params, v, what+" "+e.Name)
			d.validate(params, what+" "+e.Name, v)
		}
		b, err := json.Marshal(v)
		if err != nil {
			d.fail(n, "%s: %v", what, err)
		}
		out = append(out, audit.Item{Kind: e.Name, Params: b})
	}
	return out
}

// complete adds what the criteria read and the plan does not list, and checks
// the methods' names.
func (d *decoder) complete(p *audit.Plan) {
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
	poison := p.Forget.Poisoned > 0
	var kept []audit.Item
	for _, it := range p.Criteria {
		c, err := criteria.All.New(it.Kind)
		if err != nil {
			d.fail(nil, "criteria: %v", err)
			continue
		}
		if it.Kind == "backdoor" && !poison {
			continue // nothing is poisoned: there is no backdoor to judge
		}
		kept = append(kept, it)
		ms, as := c.Needs()
		for _, m := range ms {
			add(&p.Metrics, m, struct{}{})
		}
		for _, a := range as {
			v, err := attackDefaults(a)
			if err != nil {
				d.fail(nil, "attacks: %v", err)
				continue
			}
			add(&p.Attacks, a, v)
		}
		if c.Control() == "random-weights" {
			add(&p.Methods, "random-weights", struct{}{})
		}
	}
	p.Criteria = kept
	if !poison {
		p.Attacks = slices.DeleteFunc(p.Attacks, func(it audit.Item) bool { return it.Kind == "poisoning" })
	}
	for _, m := range p.Methods {
		if name := m.Name(); name == "original" || len(name) > 6 && name[:7] == "oracle-" || name == "" {
			d.fail(nil, "methods: the name %q is taken: give the method another with `as:`", name)
		}
	}
}

// claims decodes what must hold.
func (d *decoder) claims(n *yaml.Node, p *audit.Plan) {
	if n.Kind == 0 {
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.fail(n, "claims must be a list")
		return
	}
	names := []string{"original"}
	for _, m := range p.Methods {
		names = append(names, m.Name())
	}
	var crit []string
	for _, c := range p.Criteria {
		crit = append(crit, c.Kind)
	}
	for _, c := range n.Content {
		var v struct {
			Method    string `json:"method"`
			Criterion string `json:"criterion"`
			Outcome   string `json:"outcome"`
		}
		d.into(c, &v, "claim")
		o, err := audit.ParseOutcome(v.Outcome)
		switch {
		case err != nil:
			d.fail(c, "claim: %v", err)
		case !slices.Contains(names, v.Method):
			d.fail(c, "claim: no method %q in this plan%s", v.Method, suggest(v.Method, names))
		case v.Criterion != "" && !slices.Contains(crit, v.Criterion):
			d.fail(c, "claim: no criterion %q in this plan%s", v.Criterion, suggest(v.Criterion, crit))
		default:
			p.Claims = append(p.Claims, audit.Claim{Method: v.Method, Criterion: v.Criterion, Outcome: o})
		}
	}
	if len(p.Claims) != len(n.Content) && len(d.problems) == 0 {
		d.fail(n, "claims: %s", fmt.Sprintf("%d of %d could be read", len(p.Claims), len(n.Content)))
	}
}

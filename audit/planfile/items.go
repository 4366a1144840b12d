package planfile

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/lethe-audit/lethe/audit"
)

// item decodes a mapping with a `kind` into that kind's typed parameters.
// also lists keys that the caller reads itself.
func item[T any](d *decoder, n, at *yaml.Node, what string, set audit.Set[T], also ...string) audit.Item {
	if n.Kind == 0 {
		d.fail(at, "%s is missing: want {kind: …}, one of %s", what, strings.Join(set.Names(), ", "))
		return audit.Item{}
	}
	it := audit.Item{}
	params, kind := n, n
	switch n.Kind {
	case yaml.ScalarNode: // `mse` is short for {kind: mse}
		it.Kind = n.Value
		params = &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "kind" {
				kind = n.Content[i+1]
				it.Kind = kind.Value
			}
		}
	default:
		d.fail(n, "%s must be a mapping with a kind, or the kind alone, not %s", what, describe(n))
		return it
	}
	if it.Kind == "" {
		d.fail(kind, "%s has no kind: want one of %s", what, strings.Join(set.Names(), ", "))
		return it
	}
	v, err := set.New(it.Kind)
	if err != nil {
		d.fail(kind, "%s: unknown kind %q%s", what, it.Kind, suggest(it.Kind, set.Names()))
		return it
	}
	before := len(d.problems)
	d.into(params, v, what+" "+it.Kind, append([]string{"kind"}, also...)...)
	if len(d.problems) == before {
		d.validate(n, what+" "+it.Kind, v)
	}
	if f, ok := any(v).(audit.Sealer); ok && len(d.problems) == before {
		if err := f.Seal(); err != nil {
			d.fail(n, "%s %s: %v", what, it.Kind, err)
		}
	}
	it.Params, err = json.Marshal(v)
	if err != nil && len(d.problems) == before { // JSON has no NaN, and no validator refused it
		d.fail(n, "%s %s: %v", what, it.Kind, err)
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

// items decodes a list of different kinds.
func items[T any](d *decoder, n *yaml.Node, what string, set audit.Set[T]) []audit.Item {
	var out []audit.Item
	seen := map[string]bool{}
	for _, c := range d.list(n, what) {
		it := item(d, c, c, what, set)
		if seen[it.Kind] && it.Kind != "" {
			d.fail(c, "%s: %q stands twice: delete one of them", what, it.Kind)
		}
		seen[it.Kind] = true
		out = append(out, it)
	}
	return out
}

func (d *decoder) list(n *yaml.Node, what string) []*yaml.Node {
	switch {
	case n.Kind == 0 || n.Tag == "!!null":
		return nil
	case n.Kind != yaml.SequenceNode:
		d.fail(n, "%s must be a list, not %s", what, describe(n))
		return nil
	}
	return n.Content
}

// byName decodes a mapping from names to parameters, and returns the items in the order of the set. Names in anyway are
// returned even if the mapping lacks them, with their defaults.
func byName[T any](d *decoder, n *yaml.Node, what string, set audit.Set[T], anyway []string) []audit.Item {
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
		if !ok && !slices.Contains(anyway, e.Name) {
			continue
		}
		v := e.New()
		before := len(d.problems)
		if ok && params.Tag != "!!null" { // `ood:` alone takes the defaults
			d.into(params, v, what+" "+e.Name)
			if len(d.problems) == before {
				d.validate(params, what+" "+e.Name, v)
			}
		}
		b, err := json.Marshal(v)
		if err != nil && len(d.problems) == before { // JSON has no NaN, and no validator refused it
			d.fail(params, "%s %s: %v", what, e.Name, err)
		}
		out = append(out, audit.Item{Kind: e.Name, Params: b})
	}
	return out
}

package planfile

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/lethe-audit/lethe/audit"

	"github.com/lethe-audit/lethe/audit/criteria"
)

// named matches names of plans and methods. They become names of folders and rows of tables.
var named = regexp.MustCompile(`^[\pL\pN][\pL\pN._+-]{0,63}$`)

const nameRule = "want at most 64 letters, digits and . _ + -, and a letter or digit first"

// methods decodes the list of methods, whose names must differ.
func (d *decoder) methods(n *yaml.Node, proxies bool) []audit.Item {
	var out []audit.Item
	seen := map[string]bool{}
	for _, c := range d.list(n, "methods") {
		before := len(d.problems)
		it := item(d, c, c, "methods", d.cat.Unlearners(kindOf(c)), "as", "retain")
		at := c
		if c.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(c.Content); i += 2 {
				switch v := c.Content[i+1]; c.Content[i].Value {
				case "as":
					at = v
					it.As = at.Value
				case "retain":
					it.Retain = v.Value
					if v.Value != "proxy" {
						d.fail(v, "methods %s: retain is %s: want proxy, or delete it for the retained images", it.Kind, describe(v))
					} else if !proxies {
						d.fail(v, "methods %s: retain: proxy needs images set aside: give forget.proxy, a share, or forget.proxyClasses", it.Kind)
					}
				}
			}
		}
		switch name := it.Name(); {
		case len(d.problems) > before:
		case at != c && (at.Kind != yaml.ScalarNode || !named.MatchString(it.As)):
			d.fail(at, "methods: as is %s: %s", describe(at), nameRule)
		case d.reserved(it):
			d.fail(at, "methods: the name %q is taken: give the method another with `as:`", name)
		case seen[name]:
			d.fail(at, "methods: %q stands twice: give one of them another name with `as:`", name)
		}
		seen[it.Name()] = true
		out = append(out, it)
	}
	return out
}

// kindOf is the kind of an item, if it has one.
func kindOf(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	kind := ""
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "kind" {
			kind = n.Content[i+1].Value
		}
	}
	return kind
}

// reserved reports whether a method's name belongs to another model of every audit: the original, an oracle, or a control
// on which a criterion shows its power.
func (d *decoder) reserved(it audit.Item) bool {
	name := it.Name()
	control := func(e audit.Entry[criteria.Criterion]) bool { return e.New().Control() == name && it.Kind != name }
	return name == string(audit.RoleOriginal) || strings.HasPrefix(name, "oracle-") || slices.ContainsFunc(d.cat.Criteria, control)
}

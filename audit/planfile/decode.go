package planfile

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/lethe-audit/lethe/audit/catalogue"
)

// A Problem is one thing wrong in a plan, with its place.
type Problem struct {
	File         string
	Line, Column int
	Message      string
}

func (p Problem) Error() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// decoder collects every problem of a file, not only the first.
type decoder struct {
	cat      *catalogue.Catalogue
	file     string
	settings []string // key=value; a node that came from setting i has the line −1−i
	problems []error
}

func (d *decoder) fail(n *yaml.Node, format string, args ...any) {
	p := Problem{File: d.file, Message: fmt.Sprintf(format, args...)}
	switch {
	case n == nil:
	case n.Line < 0:
		p.File = fmt.Sprintf("setting %q", d.settings[-1-n.Line])
	default:
		p.Line, p.Column = n.Line, n.Column
	}
	d.problems = append(d.problems, p)
}

func (d *decoder) err() error { return errors.Join(d.problems...) }

// pairs lists a mapping's keys and values and reports duplicates.
func (d *decoder) pairs(n *yaml.Node, what string) [][2]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "%s must be a mapping of keys to values", what)
		return nil
	}
	seen := map[string]bool{}
	var out [][2]*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if seen[k.Value] {
			d.fail(k, "%s: key %q is given twice", what, k.Value)
			continue
		}
		seen[k.Value] = true
		out = append(out, [2]*yaml.Node{k, n.Content[i+1]})
	}
	return out
}

// into decodes a mapping into a struct by its json names; skip lists keys that
// the caller reads itself.
func (d *decoder) into(n *yaml.Node, ptr any, what string, skip ...string) {
	v := reflect.ValueOf(ptr).Elem()
	fields := map[string]int{}
	var names []string
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = i
			names = append(names, name)
		}
	}
	for _, kv := range d.pairs(n, what) {
		key, val := kv[0], kv[1]
		i, ok := fields[key.Value]
		switch {
		case slices.Contains(skip, key.Value):
		case !ok:
			d.fail(key, "%s: unknown key %q%s", what, key.Value, suggest(key.Value, append(names, skip...)))
		default:
			if err := val.Decode(v.Field(i).Addr().Interface()); err != nil {
				d.fail(val, "%s: %s must be %s, not %s", what, key.Value, kindName(v.Field(i).Type()), describe(val))
			}
		}
	}
}

// suggest names the nearest known word, or all of them.
func suggest(word string, known []string) string {
	best, at := "", 1+max(1, len(word)/3)
	for _, k := range known {
		if n := distance(strings.ToLower(word), strings.ToLower(k)); n < at {
			best, at = k, n
		}
	}
	if best != "" {
		return fmt.Sprintf(", did you mean %q?", best)
	}
	switch len(known) {
	case 0:
		return ": it takes no keys"
	case 1:
		return ": there is only " + known[0]
	}
	return ": want one of " + strings.Join(known, ", ")
}

// distance is the Damerau–Levenshtein distance with adjacent transpositions.
func distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Uint64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	}
	return "a " + t.Kind().String()
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("%q", n.Value)
}

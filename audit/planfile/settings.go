package planfile

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// set puts key=value into the tree, with a line that tells where it came from.
func set(root *yaml.Node, setting string, line int) error {
	key, value, ok := strings.Cut(setting, "=")
	if !ok || key == "" {
		return fmt.Errorf("setting %q: want key=value, for example data.path=folder", setting)
	}
	var v yaml.Node
	if err := yaml.Load([]byte(value), &v); err != nil || len(v.Content) == 0 {
		return fmt.Errorf("setting %q: the value is not YAML", setting)
	}
	mark(&v, line)
	n := root
	path := strings.Split(key, ".")
	for i, k := range path {
		if i == 1 && n.Kind == yaml.ScalarNode { // `data: shapes` is short for {kind: shapes}, `oracles: 4` for {train: 4}
			word := "kind"
			if path[0] == "oracles" {
				word = "train"
			}
			kind := *n
			*n = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: kind.Line, Column: kind.Column, Content: []*yaml.Node{
				{Kind: yaml.ScalarNode, Tag: "!!str", Value: word, Line: kind.Line, Column: kind.Column}, &kind}}
		}
		if n.Kind != yaml.MappingNode {
			return fmt.Errorf("setting %q: %s is not a mapping", setting, strings.Join(path[:i], "."))
		}
		at := -1
		for j := 0; j+1 < len(n.Content); j += 2 {
			if n.Content[j].Value == k {
				at = j + 1
			}
		}
		if at < 0 {
			child := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: line}
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: k, Line: line}, child)
			at = len(n.Content) - 1
		}
		if i == len(path)-1 {
			n.Content[at-1].Line, n.Content[at] = line, v.Content[0]
		}
		n = n.Content[at]
	}
	return nil
}

func mark(n *yaml.Node, line int) {
	n.Line, n.Column = line, 0
	for _, c := range n.Content {
		mark(c, line)
	}
}

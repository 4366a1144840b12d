package planfile

import (
	"errors"

	"go.yaml.in/yaml/v4"
)

// document reads the one mapping that a plan is.
func document(name string, b []byte) (*yaml.Node, error) {
	var docs []yaml.Node
	if err := yaml.Load(b, &docs, yaml.WithAllDocuments()); err != nil {
		return nil, syntax(name, err)
	}
	var roots []*yaml.Node
	for i := range docs {
		root := &docs[i]
		if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
			root = root.Content[0]
		}
		roots = append(roots, root)
	}
	const example = "; `lethe init` writes an example"
	switch {
	case len(roots) == 0:
		return nil, Problem{File: name, Message: "the plan is empty" + example}
	case len(roots) > 1:
		return nil, Problem{name, roots[1].Line, roots[1].Column, "a second document begins: a file holds one plan"}
	case roots[0].Kind != yaml.MappingNode:
		return nil, Problem{name, roots[0].Line, roots[0].Column, "a plan is a mapping of keys to values" + example}
	}
	return roots[0], nil
}

// syntax turns the YAML reader's error into a [Problem] like the others.
func syntax(name string, err error) error {
	p := Problem{File: name, Message: "not YAML: " + err.Error()}
	var many *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case errors.As(err, &many) && len(many.Errors) > 0:
		one = many.Errors[0]
	case !errors.As(err, &one):
		return p
	}
	p.Line, p.Column, p.Message = one.Mark.Line, one.Mark.Column, "not YAML: "+one.Message
	return p
}

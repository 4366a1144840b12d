package planfile

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/datasets"

	"github.com/lethe-audit/lethe/audit/catalogue"
)

// Schema is the JSON Schema (draft 2020-12) of plans, made from the lists of what
// a plan can name: keys, types, kinds, defaults and one line on each. Editors
// complete and check plans with it. [Parse] knows more: names that must differ,
// claims about what is there, numbers that fit each other.
func Schema(cat *catalogue.Catalogue) (*jsonschema.Schema, error) {
	b := &builder{cat: cat}
	list := func(s *jsonschema.Schema) *jsonschema.Schema {
		return &jsonschema.Schema{Types: []string{"array", "null"}, Items: s}
	}
	name := &jsonschema.Schema{Type: "string", Pattern: named.String()}
	s := object("a Lethe audit plan", []string{"lethe", "data", "task", "model"}, map[string]*jsonschema.Schema{
		"lethe":    {Const: jsonschema.Ptr[any](1), Description: "version of the plan's format"},
		"name":     name,
		"seed":     {Type: "integer", Minimum: jsonschema.Ptr(0.)},
		"data":     kinds(b, b.cat.Data),
		"forget":   b.forget(),
		"task":     kinds(b, b.cat.Tasks),
		"model":    kinds(b, b.cat.Families),
		"train":    b.train(),
		"original": b.original(),
		"secret":   secretFile(),
		"oracles":  b.oracles(),
		"shadows": {Type: "integer", Minimum: jsonschema.Ptr(0.), Maximum: jsonschema.Ptr(100.), Default: json.RawMessage("0"),
			Description: "originals with other seeds, each unlearned by every method: what the attack lira learns U-LiRA from"},
		"methods":  list(kinds(b, slices.Concat(cat.Methods, cat.Gallery), "as", "retain")),
		"features": kinds(b, b.cat.Features),
		"metrics":  list(kinds(b, b.cat.Metrics)),
		"attacks":  list(kinds(b, b.cat.Attacks)),
		"profile":  profile(),
		"criteria": b.criteria(),
		"alpha": {Type: "number", ExclusiveMinimum: jsonschema.Ptr(0.), ExclusiveMaximum: jsonschema.Ptr(0.5),
			Default: json.RawMessage("0.05"), Description: "error rate of every verdict"},
		"claims": list(b.claim()),
	})
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.ID = "https://github.com/lethe-audit/lethe/plan-v1.schema.json"
	return s, b.err
}

// builder keeps the first error.
type builder struct {
	cat *catalogue.Catalogue
	err error
}

func object(doc string, required []string, properties map[string]*jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "object", Description: doc, Required: required, Properties: properties,
		AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
	}
}

// structure describes typed parameters with their defaults; none is required.
func (b *builder) structure(defaults any, doc string) *jsonschema.Schema {
	none := object(doc, nil, map[string]*jsonschema.Schema{})
	t := reflect.TypeOf(defaults).Elem()
	s, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: described()})
	if err == nil {
		var raw []byte
		var values map[string]json.RawMessage
		if raw, err = json.Marshal(defaults); err == nil {
			err = json.Unmarshal(raw, &values)
		}
		for k, p := range s.Properties {
			p.Default = values[k]
		}
	}
	if err != nil {
		if b.err == nil {
			b.err = fmt.Errorf("schema of plans: %v: %w", t, err)
		}
		return none
	}
	if s.Properties == nil {
		return none
	}
	s.Required, s.Description = nil, doc
	return s
}

// kinds describes an item: one of a list's kinds with its parameters, or its name
// alone.
func kinds[T any](b *builder, set audit.Set[T], also ...string) *jsonschema.Schema {
	short := &jsonschema.Schema{Type: "string"}
	out := &jsonschema.Schema{OneOf: []*jsonschema.Schema{short}}
	for _, e := range set {
		short.Enum = append(short.Enum, e.Name)
		s := b.structure(e.New(), e.Doc)
		s.Properties["kind"] = &jsonschema.Schema{Const: jsonschema.Ptr[any](e.Name)}
		for _, k := range also {
			if k == "retain" {
				s.Properties[k] = &jsonschema.Schema{Const: jsonschema.Ptr[any]("proxy"),
					Description: "the method is given the images that forget.proxy sets aside in the place of the retained ones"}
				continue
			}
			s.Properties[k] = &jsonschema.Schema{Type: "string", Pattern: named.String(), Description: "the name in tables"}
		}
		s.Required = []string{"kind"}
		out.OneOf = append(out.OneOf, s)
	}
	return out
}

func (b *builder) forget() *jsonschema.Schema {
	s := b.structure(&audit.Forgets{}, "which training images are to be forgotten")
	words := &jsonschema.Schema{Type: "string"}
	for _, k := range forgetKinds {
		words.Enum = append(words.Enum, k)
	}
	s.Properties["kind"] = words
	triggers := &jsonschema.Schema{Type: "string"}
	for _, k := range datasets.Triggers {
		triggers.Enum = append(triggers.Enum, k)
	}
	s.Properties["trigger"] = triggers
	s.Required = []string{"kind"}
	return s
}

func (b *builder) train() *jsonschema.Schema {
	s := b.structure(&train, "training of the original and the retrained models")
	words := &jsonschema.Schema{Type: "string", Default: json.RawMessage(`"` + audit.Precisions[0] + `"`),
		Description: "of matrix products and convolutions in training steps, those of methods too; everything that measures is float32's"}
	for _, w := range audit.Precisions {
		words.Enum = append(words.Enum, w)
	}
	s.Properties["precision"] = words
	return s
}

func (b *builder) original() *jsonschema.Schema {
	s := b.structure(&audit.Weights{}, "the original's weights (safetensors, or a PyTorch checkpoint) where it is not to be "+
		"trained: the oracles still are, as train says")
	s.Required = []string{"path"}
	return s
}

func secretFile() *jsonschema.Schema {
	s := object("what the noise of (ε, δ) methods is drawn from, in the place of the seed: a file that `lethe secret` makes",
		nil, map[string]*jsonschema.Schema{
			"path": {Type: "string", Description: "the file, which its owner alone can read; only its commitment enters the " +
				"plan's digest and the report"},
			"commitment": {Type: "string", Pattern: "^[0-9a-fA-F]{64}$",
				Description: "the one that the file must have; alone, it is enough to report on models that are made already"},
		})
	s.MinProperties = jsonschema.Ptr(1)
	return s
}

func (b *builder) criteria() *jsonschema.Schema {
	s := object("margins: how different from retraining still counts as the same", nil, map[string]*jsonschema.Schema{})
	s.Type, s.Types = "", []string{"object", "null"}
	for _, e := range b.cat.Criteria {
		c := b.structure(e.New(), e.Doc)
		c.Type, c.Types = "", []string{"object", "null"}
		s.Properties[e.Name] = c
	}
	return s
}

func profile() *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string", Description: "the family of criteria; those listed beside it are added, or change its margins"}
	for _, p := range criteria.Profiles {
		s.Enum = append(s.Enum, p.Name)
		s.Description += "; " + p.Name + ": " + p.Doc
	}
	return s
}

func (b *builder) claim() *jsonschema.Schema {
	crit := &jsonschema.Schema{Type: "string", Description: "the overall outcome if left out"}
	for _, e := range b.cat.Criteria {
		crit.Enum = append(crit.Enum, e.Name)
	}
	return object("what must hold for exit code 0", []string{"method", "outcome"}, map[string]*jsonschema.Schema{
		"method":    {Type: "string"},
		"criterion": crit,
		"outcome": {Type: "string", Pattern: "^([Pp][Aa][Ss][Ss]|[Ff][Aa][Ii][Ll]|[Ii][Nn][Cc][Oo][Nn][Cc][Ll][Uu][Ss][Ii][Vv][Ee]|" +
			"[Nn][Oo][Tt][ _-][Aa][Pp][Pp][Ll][Ii][Cc][Aa][Bb][Ll][Ee])$"},
	})
}

package planfile

import (
	"encoding/json"
	"strconv"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/lethe-audit/lethe/audit"
)

// oracles is the schema of retrained models: their number, or a mapping.
func (b *builder) oracles() *jsonschema.Schema {
	const doc = "retrained models, with other seeds: the yardstick"
	number := func(doc string) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "integer", Minimum: jsonschema.Ptr(2.), Maximum: jsonschema.Ptr(float64(mostOracles)),
			Default: json.RawMessage(strconv.Itoa(oracles)), Description: doc}
	}
	vary := b.structure(&audit.Recipes{}, "the retrained models are a family of recipes: values of parameters of retrain, each "+
		"of which as many models hold as any other")
	for _, p := range vary.Properties {
		p.Default, p.Types, p.Type = nil, nil, "array"
	}
	vary.MinProperties = jsonschema.Ptr(1)
	return &jsonschema.Schema{Description: doc, Default: json.RawMessage(strconv.Itoa(oracles)), OneOf: []*jsonschema.Schema{
		number(doc),
		object(doc, nil, map[string]*jsonschema.Schema{
			"train": number("how many; with until, how many to begin with"),
			"vary":  vary,
			"until": {Type: "number", Minimum: jsonschema.Ptr(0.5), ExclusiveMaximum: jsonschema.Ptr(1.),
				Description: "more are added until an honest model would PASS with this probability"},
			"most": {Type: "integer", Minimum: jsonschema.Ptr(2.), Maximum: jsonschema.Ptr(float64(mostOracles)),
				Default: json.RawMessage(strconv.Itoa(mostAdded)), Description: "but at most so many"},
		}),
	}}
}

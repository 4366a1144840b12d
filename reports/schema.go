package reports

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/lethe-audit/lethe/audit"
)

// Schema is the JSON Schema (draft 2020-12) of the JSON format, inferred from
// [audit.Report]: an unknown or a missing field is an error.
func Schema() (*jsonschema.Schema, error) {
	var outcomes []any
	for o := audit.NotRun; o <= audit.PassOwn; o++ {
		outcomes = append(outcomes, o.String())
	}
	s, err := jsonschema.For[audit.Report](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[audit.Outcome]():   {Type: "string", Enum: outcomes},
		reflect.TypeFor[audit.Digest]():    {Type: "string", Pattern: "^([0-9a-f]{64})?$"},
		reflect.TypeFor[json.RawMessage](): {Description: "the parameters of an item of the plan; their keys depend on its kind"},
		reflect.TypeFor[audit.Role]():      words(audit.Roles...),
		reflect.TypeFor[audit.Direction](): words(append([]audit.Direction{""}, audit.Directions...)...),
		reflect.TypeFor[audit.Unit]():      words(audit.Units...),
		reflect.TypeFor[audit.CurveKind](): words(audit.CurveKinds...),
		reflect.TypeFor[audit.Fault]():     words(append([]audit.Fault{""}, audit.FaultKinds...)...),
	}})
	if err != nil {
		return nil, fmt.Errorf("schema of the report: %w", err)
	}
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.ID = "https://github.com/lethe-audit/lethe/report-v1.schema.json"
	s.Title = "Lethe audit report"
	s.Properties["schema"].Enum = []any{audit.Schema}
	return s, nil
}

// words is the schema of a text that is one of a list.
func words[T ~string](list ...T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, w := range list {
		s.Enum = append(s.Enum, string(w))
	}
	return s
}

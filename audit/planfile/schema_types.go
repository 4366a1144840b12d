package planfile

import (
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/lethe-audit/lethe/internal/weights"
)

// described are the types of parameters that say less than their values must be.
func described() map[reflect.Type]*jsonschema.Schema {
	return map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[weights.Rounding](): {
			Description: "what handed-in weights are rounded to before anything is measured: bfloat16, the number of mantissa bits " +
				"to keep, or float32 for the weights as they were handed in",
			Types: []string{"string", "integer"}, Pattern: "^(bfloat16|float32|[1-9]|1[0-9]|2[0-4])$",
			Minimum: jsonschema.Ptr(1.), Maximum: jsonschema.Ptr(float64(weights.Float32)),
		},
	}
}

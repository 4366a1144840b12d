package audit

import "fmt"

// Precision is what matrix products and convolutions take their operands in while models are trained. All else is
// computed in float32, and so is everything that measures.
type Precision string

// The precisions.
const (
	Float32  Precision = "" // left out of plans, whose digests it does not change
	BFloat16 Precision = "bfloat16"
)

// Precisions lists them by name, the default first.
var Precisions = []string{"float32", "bfloat16"}

// ParsePrecision reads a precision's name.
func ParsePrecision(word string) (Precision, error) {
	switch word {
	case "", "float32":
		return Float32, nil
	case "bfloat16":
		return BFloat16, nil
	}
	return Float32, fmt.Errorf("precision is %q: want float32 or bfloat16", word)
}

func (p Precision) String() string {
	if p == Float32 {
		return "float32"
	}
	return string(p)
}

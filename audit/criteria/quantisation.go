package criteria

import "github.com/lethe-audit/lethe/audit"

var quantisationEntry = audit.Entry[Criterion]{
	Name: "quantisation", Profile: "strict",
	Doc: "forget images do not come back when the weights are rounded to a few bits, beyond what retrained models do",
	New: quantisation,
}

// QuantisedError is what the attack quantisation leaves.
var QuantisedError = audit.Quantity{
	Name: "quantised-error", Head: "rounded", Unit: "mean squared error", Direction: audit.Neutral,
	What: "error of the model with its weights rounded (to how many bits, behind the name)",
}

// quantisation: what was forgotten is not forgotten in the last bits of the weights alone.
func quantisation() Criterion {
	return &Gap{Margin: 0.2, attack: "quantisation", quantity: QuantisedError, name: "forget − test error of weights rounded to", words: Words{
		Seeks:   Influence,
		Pass:    "no evidence that rounding its weights brings forget images back, beyond the margin",
		Fail:    "with its weights rounded it paints forget images better than a retrained model does",
		NoPower: "with its weights rounded the original itself paints forget images as retrained models do: too few bits",
	}}
}

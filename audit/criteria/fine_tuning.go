package criteria

import "github.com/lethe-audit/lethe/audit"

var fineTuningEntry = audit.Entry[Criterion]{
	Name: "fine-tuning", Profile: "standard",
	Doc: "forget images do not come back when the model is trained further on retained images",
	New: fineTuning,
}

// FineTunedError is what the attack fine-tuning leaves.
var FineTunedError = audit.Quantity{
	Name: "fine-tuned-error", Head: "tuned on", Unit: "mean squared error", Direction: audit.Neutral,
	What: "error after further training on retained images",
}

// fineTuning: what was forgotten stays forgotten.
func fineTuning() Criterion {
	return &Gap{Margin: 0.2, attack: "fine-tuning", quantity: FineTunedError, name: "forget − test error after further training", words: Words{
		Seeks:   Influence,
		Pass:    "no evidence that further training on retained images brings forget images back, beyond the margin",
		Fail:    "further training on retained images brings forget images back",
		NoPower: "further training makes the original forget as well: the attack trains too much",
	}}
}

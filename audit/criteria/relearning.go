package criteria

import "github.com/lethe-audit/lethe/audit"

var relearningEntry = audit.Entry[Criterion]{
	Name: "relearning", Profile: "standard",
	Doc: "shown one half of the forget images, it knows the other no better than a retrained model does",
	New: relearning,
}

// RelearnedError is what the attack relearning leaves.
var RelearnedError = audit.Quantity{
	Name: "relearned-error", Head: "relearnt", Unit: "mean squared error", Direction: audit.Neutral,
	What: "error after others of its kind, forget images or test images, were shown for a few steps",
}

// relearning: what was forgotten has to be learnt anew.
func relearning() Criterion {
	return &Gap{Margin: 0.2, attack: "relearning", quantity: RelearnedError, name: "forget − test error after relearning", words: Words{
		Seeks:   Influence,
		Pass:    "no evidence that forget images come back when others of them are shown again, beyond what they do in a retrained model",
		Fail:    "forget images come back when others of them are shown again, as they do in no retrained model",
		NoPower: "the original itself relearns as retrained models do: the attack trains too much, or too little",
	}}
}

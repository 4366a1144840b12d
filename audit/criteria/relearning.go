package criteria

import "github.com/lethe-audit/lethe/audit"

var relearningEntry = audit.Entry[Criterion]{
	Name: "relearning", Profile: "standard",
	Doc: "forget images come back no faster than test images are learnt, beyond what retrained models do",
	New: relearning,
}

// RelearnedError is what the attack relearning leaves.
var RelearnedError = audit.Quantity{
	Name: "relearned-error", Head: "relearnt", Unit: "mean squared error", Direction: audit.Neutral,
	What: "error after the forget images were shown again for a few steps",
}

// relearning: what was forgotten has to be learnt anew.
func relearning() Criterion {
	return &Gap{Margin: 0.2, attack: "relearning", quantity: RelearnedError, name: "forget − test error after relearning", words: Words{
		Seeks:   Influence,
		Pass:    "no evidence that forget images come back faster than in a retrained model, beyond the margin",
		Fail:    "forget images come back faster than in a retrained model",
		NoPower: "the original itself relearns as retrained models do: the attack trains too much, or too little",
	}}
}

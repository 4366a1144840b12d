package criteria

import "github.com/lethe-audit/lethe/audit"

var perturbationEntry = audit.Entry[Criterion]{
	Name: "perturbation", Profile: "strict",
	Doc: "a small change of what is visible calls forget images up no better than test images, beyond what retrained models do",
	New: perturbation,
}

// PerturbedError is what the attack perturbation leaves.
var PerturbedError = audit.Quantity{
	Name: "perturbed-error", Head: "perturb.", Unit: "mean squared error", Direction: audit.Neutral,
	What: "least error that a small change of what is visible reaches",
}

// perturbation: what is known can be called up by a small change of what is visible.
func perturbation() Criterion {
	return &Gap{Margin: 0.12, attack: "perturbation", quantity: PerturbedError,
		name: "forget − test error under the best small change", words: Words{
			Seeks: Influence,
			Pass: "no evidence that a small change of what is visible calls forget images up better than from a retrained " +
				"model, beyond the margin",
			Fail: "a small change of what is visible calls forget images up better than from a retrained model",
			NoPower: "under a small change the original itself paints forget images as retrained models do: the change is too " +
				"large, or steers every model alike",
		}}
}

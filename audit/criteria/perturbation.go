package criteria

// perturbation: what is known can be called up by a small change of what is visible.
func perturbation() Criterion {
	return &Gap{Margin: 0.12, attack: "perturbation", quantity: "perturbed-error", name: "forget − test error under the best small change", words: Words{
		Pass:    "no evidence that a small change of what is visible calls forget images up better than from a retrained model, beyond the margin",
		Fail:    "a small change of what is visible calls forget images up better than from a retrained model",
		NoPower: "under a small change the original itself paints forget images as retrained models do: the change is too large, or steers every model alike",
	}}
}

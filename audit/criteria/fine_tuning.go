package criteria

// fineTuning: what was forgotten stays forgotten.
func fineTuning() Criterion {
	return &Gap{Margin: 0.2, attack: "fine-tuning", quantity: "fine-tuned-error", name: "forget − test error after further training", words: Words{
		Pass:    "no evidence that further training on retained images brings forget images back, beyond the margin",
		Fail:    "further training on retained images brings forget images back",
		NoPower: "further training makes the original forget as well: the attack trains too much",
	}}
}

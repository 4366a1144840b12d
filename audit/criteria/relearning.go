package criteria

// relearning: what was forgotten has to be learnt anew.
func relearning() Criterion {
	return &Gap{Margin: 0.2, attack: "relearning", quantity: "relearned-error", name: "forget − test error after relearning", words: Words{
		Pass:    "no evidence that forget images come back faster than in a retrained model, beyond the margin",
		Fail:    "forget images come back faster than in a retrained model",
		NoPower: "the original itself relearns as retrained models do: the attack trains too much, or too little",
	}}
}
